"""The causes of failed access, by what they are about. `openvna.plugins.aws.causes` joins them."""
