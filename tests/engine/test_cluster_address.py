"""What may be written as the address of a cluster."""

import pytest

from xlcorpus.engine.cluster import Cluster
from xlcorpus.engine.cluster_address import check_address
from xlcorpus.errors import UserError


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("127.0.0.1:6379", "127.0.0.1", 6379),
        ("head-0.rechner.example:7000", "head-0.rechner.example", 7000),
        ("[::1]:6379", "::1", 6379),
        ("[2001:db8::7]:65535", "2001:db8::7", 65535),
        ("[::ffff:192.0.2.1]:1", "::ffff:192.0.2.1", 1),
    ],
)
def test_an_address_is_host_and_port(address: str, host: str, port: int) -> None:
    Cluster(address)
    assert check_address(address) == (host, port)


@pytest.mark.parametrize(
    "address",
    ["", "local", "head", "head:", "head:port", ":6379", "head:0", "head:65536", "head:6379:1", "::1:6379", "::1",
     "[::1]", "[head]:6379", "http://head:8265", "head:6379/", "head :6379", "head:٦٣٧٩", "AUTO"],
)  # fmt: skip
def test_anything_else_is_refused(address: str) -> None:
    with pytest.raises(UserError, match=r"write host:port of the head node, .* \(\[address\]:port for IPv6\), or auto"):
        Cluster(address)


def test_a_ray_client_address_is_refused_with_the_way_that_works() -> None:
    with pytest.raises(
        UserError, match=r"cannot run through the Ray Client .* --address auto or with host:port"
    ) as said:
        Cluster("ray://head:10001")
    assert "ray job submit" in str(said.value)


def test_auto_is_looked_for_when_needed() -> None:
    assert Cluster("auto")._capacity is None, "it connected before it was asked to"
