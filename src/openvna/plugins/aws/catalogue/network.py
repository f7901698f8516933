"""Causes that lie between this machine and AWS."""

from __future__ import annotations

from openvna.plugins.aws.catalogue.entry import INFERRED, PROVEN, Cause

NETWORK = (
    Cause(
        "N-DNS",
        "The name cannot be resolved",
        "This machine's name service does not know the host.",
        "getaddrinfo",
        PROVEN,
        "Check the region's and the endpoint's spelling, and this machine's DNS: getent hosts {host}. In a VPC without "
        "internet, make an interface endpoint with private DNS for the service; behind a proxy, set HTTPS_PROXY.",
    ),
    Cause(
        "N-REFUSED",
        "The connection is refused",
        "The host exists, but nothing listens there, a firewall rejects it, or there is no route to it.",
        "the connection attempt",
        PROVEN,
        "Check host and port ({host}); allow outgoing HTTPS (443) to it, or set the proxy that this network needs.",
    ),
    Cause(
        "N-TIMEOUT",
        "No answer in time",
        "Packets to the host are lost, or it takes too long to answer: most often a firewall that drops silently.",
        "the time limit passed",
        PROVEN,
        "Allow outgoing HTTPS (443) to {host}, or set the proxy (HTTPS_PROXY). In a VPC without internet: a NAT "
        "gateway or interface endpoints for sts and ec2.",
    ),
    Cause(
        "N-RESET",
        "The connection was cut",
        "The connection was made and then broken off, by the host or by something on the way.",
        "the connection itself",
        PROVEN,
        "Try again; if it stays, look at firewalls and TLS-inspecting devices on the way to {host}.",
    ),
    Cause(
        "N-PROXY-AUTH",
        "The proxy wants a user name and password",
        "The proxy in force does not let us through without signing in, or does not accept what we gave.",
        "the proxy's answer 407",
        PROVEN,
        "Put them into the proxy's address, http://user:password@host:port, in the source's setting or HTTPS_PROXY "
        "(characters like @ and : in them percent-encoded). If they stand there already, the proxy does not accept "
        "them: correct them.",
    ),
    Cause(
        "N-PROXY-DENY",
        "The proxy does not let us through",
        "The proxy in force refuses connections to the host, or cannot make them.",
        "the proxy's answer to CONNECT",
        PROVEN,
        "Let the proxy's administrator allow {host}:443 (all of *.amazonaws.com for every region), or exempt it by "
        "NO_PROXY (a domain is written .amazonaws.com there, without an asterisk).",
    ),
    Cause(
        "N-PROXY-DOWN",
        "The proxy cannot be reached",
        "The proxy in force does not answer at its address, or the address is not one of an HTTP proxy.",
        "its address, or the connection attempt to it",
        PROVEN,
        "See that the proxy runs; correct its address where the evidence says it was set, or take it out.",
    ),
    Cause(
        "N-PROXY-TIMEOUT",
        "The proxy does not answer",
        "The proxy took the connection and then gave no answer to the request to let us through: it is stuck, or it "
        "cannot reach the host itself.",
        "the time limit passed after CONNECT was sent",
        PROVEN,
        "Let the proxy's administrator look whether it reaches {host}:443; or name another proxy, or exempt the host "
        "by NO_PROXY.",
    ),
    Cause(
        "N-PROXY-TLS",
        "The proxy's own certificate is not trusted",
        "The proxy's address says https, so it is itself spoken to over TLS. It shows a certificate that this machine "
        "does not trust or that is for another name, or it does not speak TLS.",
        "the TLS handshake with the proxy",
        PROVEN,
        "If the proxy takes plain connections (most do, also for https:// targets), write its address with http://. "
        "Else save the CA certificate that issued the proxy's as a PEM file together with AWS's own roots, and set "
        "that file as ca_bundle.",
    ),
    Cause(
        "N-TLS-CA",
        "The certificate is not trusted",
        "The host's certificate was issued by somebody whom this machine does not trust: most often a device that "
        "inspects TLS.",
        "the certificate and its issuer",
        PROVEN,
        "If the issuer in the evidence is your company's: save its CA certificate as a PEM file, add AWS's own roots, "
        "and set that file as ca_bundle (or AWS_CA_BUNDLE); or exempt {host} from inspection. If it is not, do not "
        "send anything there.",
    ),
    Cause(
        "N-TLS-DATE",
        "The certificate is not valid today, as this machine sees it",
        "The host's certificate has ended or has not begun, by this machine's clock. AWS's own certificates are in "
        "order, so it is most often the clock that is far off.",
        "the certificate's dates and this machine's clock",
        INFERRED,
        "Look at the date of this machine (date -u); set it right and keep it so by NTP: timedatectl set-ntp true. If "
        "it is right, look at who issued the certificate of {host}: its device has an old one.",
    ),
    Cause(
        "N-TLS-NAME",
        "The certificate is of another host",
        "What answers shows a certificate that is not for this name.",
        "the certificate",
        PROVEN,
        "Correct the endpoint's name, or look at what the name resolves to: getent hosts {host}. A VPC endpoint "
        "without private DNS is reached by its own name only.",
    ),
    Cause(
        "N-TLS-PLAIN",
        "The port does not speak TLS",
        "The address says https, but what answers speaks plain HTTP or something else.",
        "the TLS handshake",
        PROVEN,
        "Correct the port, or write http:// if an emulator is meant.",
    ),
    Cause(
        "N-INTERCEPT",
        "What answered is not AWS",
        "An answer came, but it does not have AWS's form: a login page, a web filter, a redirect, another server.",
        "no AWS envelope and no AWS request id in the answer",
        PROVEN,
        "Sign in to the network's portal, or let the filter pass {host} (all of *.amazonaws.com). If an endpoint is "
        "set, check that it is the right one: {endpoint}.",
    ),
    Cause(
        "N-HEADERS-STRIPPED",
        "The signature was lost on the way",
        "We signed the request, but AWS saw none: something on the way takes the Authorization header out.",
        "MissingAuthenticationToken (EC2: MissingParameter AWSAccessKeyId) for a signed request",
        INFERRED,
        "Exempt *.amazonaws.com from the proxy or gateway that rewrites headers ({proxy}).",
    ),
    Cause(
        "N-HEADERS-MANGLED",
        "The signature was changed on the way",
        "We signed the request, but AWS saw only a part of the signature: something on the way rewrites headers.",
        "IncompleteSignature for a signed request",
        INFERRED,
        "Exempt *.amazonaws.com from the proxy or gateway that rewrites headers ({proxy}).",
    ),
    Cause(
        "N-REQUEST-ALTERED",
        "The request was changed on the way",
        "What AWS received is not what we signed: something on the way rewrites requests. Key and secret may well be "
        "right.",
        "Amazon S3 shows the request as it came in; it differs from the one that was sent, or its signature is right",
        PROVEN,
        "Exempt *.amazonaws.com from the proxy or gateway that rewrites requests ({proxy}).",
    ),
)
