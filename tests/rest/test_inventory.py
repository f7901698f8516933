"""What was collected, as REST shows it: resources, versions, relations, coverage, changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from openvna.model import Kind, Relation, RunState
from rest.served import GOOD, Served, running
from support.toy_plugin import DENIED, NORTH, SOUTH, network, subnet, toy_gateway

HUB = "toy/111122223333/north/network/n-1"


def fill(served: Served) -> Served:
    """Two scopes: three networks and two subnets in the north, one network in the south, where gateways are denied."""
    world = served.toys.world
    world.scopes = [NORTH, SOUTH]
    hub = network("n-1", name="hub", cidr="10.0.0.0/16", Environment="prod", Owner="net")
    world.add(
        hub,
        network("n-2", name="spoke", cidr="10.1.0.0/16", Environment="test"),
        network("n-3", name="lab", cidr="10.2.0.0/16"),
        network("n-9", SOUTH, name="hub", cidr="10.9.0.0/16", Environment="prod"),
        subnet("s-1", hub, cidr="10.0.1.0/24"),
        subnet("s-2", hub, cidr="10.0.2.0/24"),
    )
    world.problems[(SOUTH.key, "toy.gateway")] = DENIED
    served.gateway.add_source("toys", "toy", GOOD, interval=None)
    served.gateway.collect("toys")
    return served


@pytest.fixture
def filled(served: Served) -> Served:
    """One that a test may change."""
    return fill(served)


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """One for all who only look."""
    with running(tmp_path_factory.mktemp("store")) as one, fill(one).client() as client:
        yield client


def aliases(client: httpx.Client, query: str = "") -> list[str]:
    answer = client.get(f"/api/v1/resources{query}")
    assert answer.status_code == 200, answer.text
    return [item["alias"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?type=toy.network", ["n-1", "n-2", "n-3", "n-9"]),
        ("?kind=subnet", ["s-1", "s-2"]),
        ("?region=south", ["n-9"]),
        ("?account=999999999999", []),
        ("?source=toys&type=toy.subnet", ["s-1", "s-2"]),
        ("?where=cidr=10.1.0.0/16", ["n-2"]),
        ("?where=cidr=10.0.0.0/16&where=state=down", []),
        ("?tag=Environment", ["n-1", "n-2", "n-9"]),
        ("?tag=Environment=prod&tag=Owner", ["n-1"]),
        ("?tag=Environment=prod&region=south", ["n-9"]),
        ("?q=spoke", ["n-2"]),
        ("?at=2020-01-01T00:00:00Z", []),
    ],
)
def test_filters(inventory: httpx.Client, query: str, expected: list[str]) -> None:
    assert sorted(aliases(inventory, query)) == expected


def test_order(inventory: httpx.Client) -> None:
    assert aliases(inventory, "?type=toy.network&sort=id") == ["n-1", "n-2", "n-3", "n-9"]
    assert aliases(inventory, "?type=toy.network&sort=id&order=desc") == ["n-9", "n-3", "n-2", "n-1"]
    names = inventory.get("/api/v1/resources?type=toy.network&sort=name").json()["items"]
    assert [item["name"] for item in names] == ["hub", "hub", "lab", "spoke"]


def test_pages_hold_everything_once_and_are_linked(inventory: httpx.Client) -> None:
    page = inventory.get("/api/v1/resources?limit=4&sort=name&count=true")
    assert page.json()["total"] == 6
    first, second = page.links["first"]["url"], page.links["next"]["url"]
    assert first == "/api/v1/resources?limit=4&sort=name&count=true"
    rest = inventory.get(second)
    by_hand = inventory.get("/api/v1/resources", params={"limit": 4, "sort": "name", "cursor": page.json()["next"]})
    assert by_hand.json()["items"] == rest.json()["items"]
    assert rest.json()["next"] is None
    assert "next" not in rest.links
    found = [item["alias"] for item in page.json()["items"] + rest.json()["items"]]
    assert sorted(found) == ["n-1", "n-2", "n-3", "n-9", "s-1", "s-2"]
    assert inventory.get("/api/v1/resources").json()["total"] is None


def test_a_resource_has_its_attributes_and_relations(inventory: httpx.Client) -> None:
    hub = inventory.get(f"/api/v1/resources/{HUB}").json()
    assert hub["attributes"] == {"cidr": "10.0.0.0/16", "state": "up"}
    assert hub["tags"] == {"Environment": "prod", "Owner": "net"}
    assert hub["document"]["Id"] == "n-1"
    assert (hub["version"], hub["stale"], hub["deleted_at"]) == (1, False, None)
    assert "key" not in hub
    members = {(link["name"], link["direction"], link["other"]["alias"]) for link in hub["relations"]}
    assert members == {("member-of", "in", "s-1"), ("member-of", "in", "s-2")}
    assert hub["incoming"] == {"member-of": 2}
    short = inventory.get(f"/api/v1/resources/{HUB}?most_incoming=1").json()
    assert (len(short["relations"]), short["incoming"]) == (1, {"member-of": 2})
    (up,) = inventory.get("/api/v1/resources/s-1").json()["relations"]
    assert (up["name"], up["direction"], up["to"], up["other"]["id"]) == ("member-of", "out", HUB, HUB)


@pytest.mark.parametrize("path", [HUB, quote(HUB, safe=""), quote(HUB, safe="/"), "n-1"])
def test_an_id_with_slashes_works_raw_and_encoded(inventory: httpx.Client, path: str) -> None:
    assert inventory.get(f"/api/v1/resources/{path}").json()["id"] == HUB
    assert inventory.get(f"/api/v1/resources/{path}?source=toys").json()["id"] == HUB
    (version,) = inventory.get(f"/api/v1/resources/{path}/versions").json()["items"]
    assert version["number"] == 1


def test_an_id_like_an_arn(filled: Served) -> None:
    arn = "arn:toy:elb:north:111122223333:loadbalancer/net/a+b c/0123%2F4567"
    strange = network("x")
    filled.toys.world.add(type(strange)(id=f"{NORTH.key}/{arn}", type="toy.network", kind=strange.kind,
                                        account=NORTH.account, region="north"))  # fmt: skip
    filled.gateway.collect("toys")
    with filled.client() as client:
        encoded = quote(f"{NORTH.key}/{arn}", safe="")
        for path in (encoded, encoded.replace("%2F", "/").replace("%3A", ":")):
            assert client.get(f"/api/v1/resources/{path}").json()["id"].endswith(arn)
            assert len(client.get(f"/api/v1/resources/{path}/versions").json()["items"]) == 1


def test_the_same_id_in_two_sources_asks_which(filled: Served) -> None:
    filled.gateway.add_source("twins", "toy", GOOD, interval=None)
    filled.gateway.collect("twins")
    with filled.client() as client:
        assert client.get("/api/v1/resources/n-1").status_code == 409
        assert client.get("/api/v1/resources/n-1/versions").status_code == 409
        twin = client.get("/api/v1/resources/n-1?source=twins")
        assert (twin.status_code, twin.json()["source"]) == (200, "twins")


def test_history_is_kept(filled: Served) -> None:
    world = filled.toys.world
    with filled.client() as client:
        before = client.get("/api/v1/resources/n-2").json()["confirmed_at"]
        world.remove("n-2", "n-3")
        world.add(network("n-2", name="spoke", cidr="10.1.0.0/16", Environment="prod"))
        filled.gateway.collect("toys")

        newest, oldest = client.get("/api/v1/resources/n-2/versions").json()["items"]
        assert (newest["number"], oldest["number"]) == (2, 1)
        assert newest["fields"] == [{"path": "tags.Environment", "before": "test", "after": "prod"}]
        assert oldest["valid_to"] == newest["valid_from"]
        then = client.get("/api/v1/resources/n-2", params={"at": before}).json()
        assert then["tags"] == {"Environment": "test"}
        assert client.get("/api/v1/resources/n-2").json()["tags"] == {"Environment": "prod"}

        assert "n-3" not in aliases(client)
        assert "n-3" in aliases(client, "?deleted=true")
        assert "n-3" in aliases(client, f"?at={quote(before)}")
        assert client.get("/api/v1/resources/n-3/versions").status_code == 200

        changes = client.get("/api/v1/changes?source=toys&limit=2").json()
        assert {(one["kind"], one["alias"]) for one in changes["items"]} == {("updated", "n-2"), ("deleted", "n-3")}
        more = client.get(
            "/api/v1/changes", params={"source": "toys", "limit": 1000, "cursor": changes["next"]}
        ).json()["items"]
        assert [one["kind"] for one in more] == ["created"] * 6
        assert len(client.get("/api/v1/changes?kind=created&type=toy.subnet&region=north").json()["items"]) == 2
        assert client.get(f"/api/v1/changes?since={quote(newest['valid_from'])}&kind=created").json()["items"] == []
        (one,) = client.get(f"/api/v1/changes?resource={quote(HUB)}").json()["items"]
        assert (one["kind"], one["resource_id"]) == ("created", HUB)
        assert (
            client.get("/api/v1/changes", params={"run": one["run_id"], "until": "2020-01-01T00:00:00Z"}).json()[
                "items"
            ]
            == []
        )


def test_types_say_how_complete_they_are(inventory: httpx.Client) -> None:
    types = {one["type"]: one for one in inventory.get("/api/v1/resource-types").json()["items"]}
    assert {name: (one["resources"], one["state"], one["outcomes"]) for name, one in types.items()} == {
        "toy.network": (4, "complete", {"ok": 2}),
        "toy.subnet": (2, "complete", {"ok": 2}),
        "toy.gateway": (0, "partial", {"ok": 1, "denied": 1}),
    }
    assert types["toy.network"]["kind"] == "network"
    assert types["toy.network"]["complete_at"] is not None
    assert types["toy.gateway"]["complete_at"] is None


def test_a_type_that_was_only_ever_denied_is_unknown_and_not_absent(filled: Served) -> None:
    filled.toys.world.scopes = [SOUTH]
    filled.gateway.add_source("south", "toy", GOOD, interval=None)
    with filled.client() as client:
        before = client.get("/api/v1/resource-types?source=south").json()["items"]
        assert [one["state"] for one in before] == ["not-tried"] * 3
        filled.gateway.collect("south")
        types = {one["type"]: one for one in client.get("/api/v1/resource-types?source=south").json()["items"]}
    assert (types["toy.gateway"]["state"], types["toy.gateway"]["resources"]) == ("unknown", 0)


def test_runs_and_their_ledger(inventory: httpx.Client) -> None:
    runs = {run["region"]: run for run in inventory.get("/api/v1/runs").json()["items"]}
    assert (runs["north"]["state"], runs["north"]["created"]) == (RunState.OK, 5)
    assert (runs["south"]["state"], runs["south"]["problems"]) == (RunState.PARTIAL, 1)
    partial = inventory.get("/api/v1/runs?state=partial&source=toys").json()["items"]
    assert [run["region"] for run in partial] == ["south"]
    south = runs["south"]["id"]
    assert inventory.get(f"/api/v1/runs/{south}").json() == runs["south"]
    ledger = inventory.get(f"/api/v1/runs/{south}/ledger").json()
    assert ledger["total"] == 3
    assert (ledger["items"][0]["type"], ledger["items"][0]["outcome"]) == ("toy.gateway", "denied")
    failure: dict[str, Any] = ledger["items"][0]["failure"]
    assert (failure["cause"], failure["code"], failure["request_id"]) == ("TOY-DENIED", "NotAllowed", "req-0001")
    assert failure["remedy"] == "Allow toy:ListGateways."


def test_what_each_api_cost_in_a_run(inventory: httpx.Client) -> None:
    run = inventory.get("/api/v1/runs").json()["items"][0]["id"]
    calls = inventory.get(f"/api/v1/runs/{run}/calls").json()
    assert calls["total"] == 3
    cost = {"calls": 1, "retries": 0, "throttles": 0, "seconds": 0.01, "waited": 0.0}
    assert {"name": "toy:ListNetworks", "calls": cost} in calls["items"]
    assert inventory.get("/api/v1/runs/r-none/calls").status_code == 404


def test_a_dry_run_with_and_without_asking(inventory: httpx.Client) -> None:
    source = inventory.get("/api/v1/sources").json()["items"][0]["id"]
    known = inventory.get(f"/api/v1/sources/{source}/forecast?type=toy.subnet").json()
    assert (known["discovered"], known["calls"], known["fixed"], len(known["places"])) == (False, 2, 2, 2)
    found = inventory.post(f"/api/v1/sources/{source}/forecast", json={"scopes": ["south"]}).json()
    assert (found["discovered"], found["scopes"]) == (True, 1)
    assert inventory.get(f"/api/v1/sources/{source}/forecast?type=toy.teapot").status_code == 422


def test_coverage_is_filtered_and_paged(inventory: httpx.Client) -> None:
    assert inventory.get("/api/v1/coverage").json()["total"] == 6
    (denied,) = inventory.get("/api/v1/coverage?outcome=denied&source=toys&region=south").json()["items"]
    assert (denied["type"], denied["resources"], denied["complete_at"]) == ("toy.gateway", 0, None)
    seen: list[tuple[str, str]] = []
    place: str | None = "/api/v1/coverage?limit=4"
    while place:
        page = inventory.get(place)
        seen += [(one["region"], one["type"]) for one in page.json()["items"]]
        place = page.links.get("next", {}).get("url")
    assert len(seen) == len(set(seen)) == 6


def test_facets(inventory: httpx.Client) -> None:
    assert inventory.get("/api/v1/facets").json() == {
        "account": ["111122223333"],
        "region": ["north", "south"],
        "type": ["toy.network", "toy.subnet"],
    }


def test_a_gone_listing_leaves_what_was_known(filled: Served) -> None:
    filled.toys.world.add(toy_gateway("g-1", network("n-1")))
    filled.gateway.collect("toys")
    filled.toys.world.problems[(NORTH.key, "toy.gateway")] = DENIED
    filled.gateway.collect("toys")
    with filled.client() as client:
        last_seen = client.get("/api/v1/resources/g-1").json()
    assert (last_seen["stale"], last_seen["deleted_at"]) == (True, None)


def test_quotas_with_their_use(filled: Served) -> None:
    bound = replace(network("q-1", name="Networks"), kind=Kind.QUOTA, attributes={"maximum": 5, "counts": "toy.subnet"})
    filled.toys.world.add(bound)
    filled.gateway.collect("toys")
    with filled.client() as client:
        (found,) = client.get("/api/v1/quotas?source=toys").json()["items"]
        assert (found["alias"], found["counts"], found["maximum"], found["used"], found["percent"]) == (
            *("q-1", "toy.subnet"),
            *(5.0, 2, 40),
        )
        assert client.get("/api/v1/quotas?least=41").json() == {"items": [], "next": None, "total": None}
        assert client.get("/api/v1/quotas?least=much").status_code == 422


def test_quotas_by_what_is_used_of_them_and_by_their_service(filled: Served) -> None:
    """Two subnets: of two, of five, and what bounds widgets, which nobody counts."""
    for alias, attributes in (
        ("q-1", {"maximum": 50, "service": "widgets"}),
        ("q-2", {"maximum": 5, "counts": "toy.subnet", "service": "vpc"}),
        ("q-3", {"maximum": 2, "counts": "toy.subnet", "service": "vpc"}),
    ):
        filled.toys.world.add(replace(network(alias, name=f"Of {alias}"), kind=Kind.QUOTA, attributes=attributes))
    filled.gateway.collect("toys")

    def found(query: str) -> list[tuple[str, int | None]]:
        items = client.get(f"/api/v1/quotas?{query}").json()["items"]
        return [(each["alias"], each["used"]) for each in items]

    with filled.client() as client:
        assert found("sort=fullest") == [("q-3", 2), ("q-2", 2), ("q-1", None)]
        assert sorted(found("")) == [("q-2", 2), ("q-3", 2)]
        assert found("sort=fullest&service=widgets") == [("q-1", None)]
        assert found("q=of+q-2") == [("q-2", 2)]
        first = client.get("/api/v1/quotas?sort=fullest&limit=2").json()
        assert [each["alias"] for each in first["items"]] == ["q-3", "q-2"]
        assert found(f"sort=fullest&limit=2&cursor={first['next']}") == [("q-1", None)]


def test_the_end_of_a_relation_that_was_not_collected_is_a_stub(filled: Served) -> None:
    hub = network("n-1")
    stray = replace(
        subnet("s-9", hub), relations=(Relation("leads-to", "n-99"), Relation("shared-with", "account/999"))
    )
    filled.toys.world.add(stray)
    filled.gateway.collect("toys")
    with filled.client() as client:
        links = {link["name"]: link for link in client.get("/api/v1/resources/s-9").json()["relations"]}
    assert (links["leads-to"]["other"], links["leads-to"]["stub"]) == (
        None,
        {"type": "toy.network", "account": "", "region": ""},
    )
    assert links["shared-with"]["stub"] == {"type": "", "account": "999", "region": ""}


def test_one_resource_is_refreshed_and_the_run_says_so(filled: Served) -> None:
    filled.toys.world.by_id = True
    filled.toys.world.remove("n-3", "n-2")
    with filled.client() as client:
        begun = client.post("/api/v1/sources/toys/collections", json={"resource": "n-3"})
        assert begun.status_code == 202
        (collection,) = [one for one in filled.gateway.collections() if one.id == begun.json()["id"]]
        assert collection.wait(20)
        (run,) = [run for run in client.get("/api/v1/runs").json()["items"] if run["extent"]]
        assert (run["extent"], run["region"], run["deleted"]) == ("n-3", "north", 1)
        assert client.get("/api/v1/resources/n-3").json()["deleted_at"] is not None
        assert client.get("/api/v1/resources/n-2").json()["deleted_at"] is None
        both = client.post("/api/v1/sources/toys/collections", json={"resource": "n-2", "types": ["toy.network"]})
        assert both.status_code == 422
        assert client.post("/api/v1/sources/toys/collections", json={"resource": "n-77"}).status_code == 404


def test_the_scopes_of_a_source_tell_when_they_were_read(filled: Served) -> None:
    with filled.client() as client:
        scopes = client.get("/api/v1/sources/toys/scopes").json()
        assert [(one["region"], one["resources"]) for one in scopes["items"]] == [("north", 5), ("south", 1)]
        north, south = scopes["items"]
        assert north["complete_at"] is not None
        assert (south["complete_at"], south["rests_until"]) == (None, None), "its gateways were denied"
        page = client.get("/api/v1/sources/toys/scopes?limit=1").json()
        assert client.get(f"/api/v1/sources/toys/scopes?limit=1&cursor={page['next']}").json()["items"] == [south]


def test_a_change_of_what_left_tells_why(filled: Served) -> None:
    filled.toys.world.scopes, filled.toys.world.left = [NORTH], {SOUTH.key: "The account is closed."}
    filled.gateway.collect("toys")
    with filled.client() as client:
        (gone,) = client.get("/api/v1/changes?kind=deleted").json()["items"]
    assert (gone["alias"], gone["reason"]) == ("n-9", "The account is closed.")
