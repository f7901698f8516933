"""Our own thin way to call AWS: botocore's service models as data, lxml and orjson, one pool of connections.

botocore spends most of the time of a collection on walking shapes, and a client of its own for each account. Here a
service's model is compiled once into functions, and an account is nothing but a credential.
"""
