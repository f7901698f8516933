"""A demonstration without an AWS account: a simulated AWS with a whole network in it, collected and shown."""
