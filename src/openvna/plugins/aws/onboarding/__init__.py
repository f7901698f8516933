"""From nothing to an access: roles, their trust and their permissions, as texts in the forms that AWS's tools take.

Everything but `identity` is pure. What the permissions are comes from the features (`types.FEATURES`) alone.
"""
