"""A secret setting may name where the secret is, instead of holding it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from openvna import log
from openvna.collect import Gateway
from openvna.collect.reference_causes import CAUSES
from openvna.collect.references import ReferenceUnusable
from openvna.collect.secret_places import Allowed, SecretPlaces
from openvna.model import InvalidInput, Reference, entered, meant, reference_in
from openvna.plugin import Verdict
from openvna.store import Store
from support.toy_plugin import GOOD_TOKEN, ToyPlugin, network
from support.vault_server import FakeVault, vault_server

NEXT_TOKEN = "toy-token-of-the-next-month"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    return tmp_path / "secrets"


@pytest.fixture
def environment() -> dict[str, str]:
    return {"TOY_TOKEN": GOOD_TOKEN, "HOME": "/home/someone-else", "OPENVNA_KEY": "the-key-of-all-keys"}


@pytest.fixture
def vault(environment: dict[str, str]) -> Iterator[FakeVault]:
    with vault_server() as server:
        server.secrets["kv/toys/lab"] = {"token": GOOD_TOKEN, "number": 7}
        environment |= {"VAULT_ADDR": server.address, "VAULT_TOKEN": "hvs.root-token-of-a-test"}
        yield server


@pytest.fixture
def places(folder: Path, environment: dict[str, str]) -> SecretPlaces:
    allowed = Allowed(
        env=("TOY_*", "OPENVNA_*"),
        directories=(folder,),
        never=(folder / "key",),
        vault=("kv/toys/*",),
        awssm=("toys/*",),
        destinations=("https://toy.example.com",),
    )
    return SecretPlaces(allowed, environment, secrets_manager=lambda name: f"secret-of-{name}")


@pytest.fixture
def gateway(store: Store, toys: ToyPlugin, places: SecretPlaces) -> Iterator[Gateway]:
    opened = Gateway(store, load_plugin=toys.load, plugin_names=toys.names, resolver=places)
    yield opened
    opened.close()


def config(token: str, **more: str) -> dict[str, object]:
    return {"credential": {"kind": "token", "token": token}, **more}


def used(toys: ToyPlugin) -> str:
    return toys.world.used[-1].credential.token.get_secret_value()  # type: ignore[union-attr]  # a token it is


class TestTheForm:
    @pytest.mark.parametrize(
        ("text", "reference"),
        [
            ("env:NAME", Reference("env", "NAME")),
            (" file:/run/secrets/a \n", Reference("file", "/run/secrets/a")),
            ("vault:kv/a/b#c", Reference("vault", "kv/a/b#c")),
            ("awssm:arn:aws:secretsmanager:eu-west-1:111122223333:secret:a#b", None),
            ("environment:NAME", None),
            ("ENV:NAME", None),
            ("literal:env:NAME", None),
            ("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None),
        ],
    )
    def test_is_the_schemes_alone(self, text: str, reference: Reference | None) -> None:
        if text.startswith("awssm:"):
            reference = Reference("awssm", text.removeprefix("awssm:"))
        assert reference_in(text) == reference

    @pytest.mark.parametrize("secret", ["env:NAME", "literal:x", "literal:env:NAME", "plain", "", " file:/a"])
    def test_any_secret_can_be_entered_all_the_same(self, secret: str) -> None:
        assert reference_in(entered(secret)) is None
        assert meant(entered(secret)) == secret


class TestASourceWithAReference:
    def test_stores_and_shows_the_reference_and_uses_what_it_names(
        self, gateway: Gateway, toys: ToyPlugin, tmp_path: Path
    ) -> None:
        source = gateway.add_source("lab", "toy", config("env:TOY_TOKEN"))  # type: ignore[arg-type]
        assert source.config["credential"] == {
            "kind": "token",
            "user": "robot",
            "token": "env:TOY_TOKEN",
            "second_token": None,
            "ends": None,
        }
        assert source.secrets == ()
        assert used(toys) == GOOD_TOKEN
        assert GOOD_TOKEN.encode() not in b"".join(each.read_bytes() for each in tmp_path.glob("openvna.db*"))
        assert log.redact(f"x {GOOD_TOKEN} x") == "x *** x"

    def test_reads_it_anew_whenever_it_is_opened(
        self, gateway: Gateway, toys: ToyPlugin, environment: dict[str, str]
    ) -> None:
        toys.world.accepts.add(NEXT_TOKEN)
        toys.world.add(network("n-1"))
        gateway.add_source("lab", "toy", config("env:TOY_TOKEN"))  # type: ignore[arg-type]
        environment["TOY_TOKEN"] = NEXT_TOKEN
        gateway.collect("lab")
        assert used(toys) == NEXT_TOKEN
        list(gateway.verify_source("lab"))
        assert used(toys) == NEXT_TOKEN

    def test_keeps_the_reference_where_the_plugin_repairs_what_it_names(
        self, gateway: Gateway, toys: ToyPlugin, environment: dict[str, str]
    ) -> None:
        environment["TOY_TOKEN"] = f"  {GOOD_TOKEN} "
        source = gateway.add_source("lab", "toy", config("env:TOY_TOKEN"))  # type: ignore[arg-type]
        assert (source.config["credential"]["token"], source.secrets) == ("env:TOY_TOKEN", ())  # type: ignore[index,call-overload]

    def test_keeps_the_reference_where_the_plugin_renews_what_it_names(self, gateway: Gateway, toys: ToyPlugin) -> None:
        toys.world.renews[GOOD_TOKEN] = NEXT_TOKEN
        source = gateway.add_source("lab", "toy", config("env:TOY_TOKEN"))  # type: ignore[arg-type]
        assert (source.config["credential"]["token"], source.secrets) == ("env:TOY_TOKEN", ())  # type: ignore[index,call-overload]
        toys.world.accepts.add(GOOD_TOKEN)
        gateway.collect("lab")
        again = gateway.store.sources.get("lab")
        assert (again.config["credential"]["token"], again.secrets) == ("env:TOY_TOKEN", ())  # type: ignore[index,call-overload]

    def test_is_edited_like_any_other(self, gateway: Gateway, toys: ToyPlugin, folder: Path) -> None:
        (folder / "token").write_text(f"{GOOD_TOKEN}\n")
        gateway.add_source("lab", "toy", config("env:TOY_TOKEN"))  # type: ignore[arg-type]
        edited = gateway.edit_source("lab", config={"areas": ["north"]})
        assert edited.config["credential"]["token"] == "env:TOY_TOKEN"  # type: ignore[index,call-overload]
        edited = gateway.edit_source("lab", config={"credential": {"token": f"file:{folder}/token"}})
        assert edited.config["credential"]["token"] == f"file:{folder}/token"  # type: ignore[index,call-overload]
        assert used(toys) == GOOD_TOKEN
        edited = gateway.edit_source("lab", config={"credential": {"token": GOOD_TOKEN}})
        assert "token" not in edited.config["credential"]  # type: ignore[operator]
        assert edited.secrets == ("credential.token",)
        edited = gateway.edit_source("lab", config={"credential": {"token": "env:TOY_TOKEN"}})
        assert edited.secrets == ()

    def test_a_secret_that_looks_like_a_reference_stays_a_secret(self, gateway: Gateway, toys: ToyPlugin) -> None:
        toys.world.accepts.add("env:TOY_TOKEN")
        source = gateway.add_source("lab", "toy", config("literal:env:TOY_TOKEN"))  # type: ignore[arg-type]
        assert gateway.store.sources.secrets(source.id) == {"credential.token": "env:TOY_TOKEN"}
        assert used(toys) == "env:TOY_TOKEN"
        list(gateway.verify_source("lab"))
        assert used(toys) == "env:TOY_TOKEN"
        gateway.edit_source("lab", config={"areas": ["north"]})
        assert gateway.store.sources.secrets(source.id) == {"credential.token": "env:TOY_TOKEN"}

    def test_a_setting_that_is_no_secret_is_left_alone(self, gateway: Gateway, toys: ToyPlugin) -> None:
        given = {"credential": {"kind": "badge", "badge": "env:TOY_TOKEN"}}
        source = gateway.add_source("lab", "toy", given)
        assert source.config["credential"] == given["credential"]
        assert toys.world.used[-1].credential.badge == "env:TOY_TOKEN"  # type: ignore[union-attr]

    def test_says_at_its_field_what_is_wrong_when_it_is_entered(self, gateway: Gateway) -> None:
        with pytest.raises(InvalidInput) as refused:
            gateway.add_source("lab", "toy", config("env:TOY_OTHER"), save_anyway=True)  # type: ignore[arg-type]
        ((path, message),) = refused.value.fields
        assert path == "credential.token"
        assert "no variable TOY_OTHER" in message
        assert gateway.store.sources.list() == ()

    def test_says_in_its_verification_and_its_run_that_it_leads_nowhere_any_more(
        self, gateway: Gateway, toys: ToyPlugin, environment: dict[str, str]
    ) -> None:
        gateway.add_source("lab", "toy", config("env:TOY_TOKEN"))  # type: ignore[arg-type]
        del environment["TOY_TOKEN"]
        *_, verdict = gateway.verify_source("lab")
        assert isinstance(verdict, Verdict)
        assert (verdict.verdict, verdict.cause) == ("failed", "REF-ENV")
        assert "env:TOY_TOKEN" in verdict.summary
        assert verdict.remedy == "Set it where the server is started, and start it again."
        stored = gateway.store.sources.get("lab").verdict
        assert stored is not None
        assert stored["cause"] == "REF-ENV"
        explained = gateway.explain("toy", "REF-ENV")
        assert explained is not None
        running = gateway.start_verification(source="lab")
        (*_, last) = running.events()
        assert isinstance(last, Verdict)
        assert last.cause == "REF-ENV"
        with pytest.raises(ReferenceUnusable):
            gateway.collect("lab")
        (run,) = gateway.store.runs.list().items
        assert run.failure is not None
        assert run.failure.cause == "REF-ENV"


class TestWhereItIsSent:
    def test_a_place_of_the_sources_own_must_be_allowed_by_the_administrator(self, gateway: Gateway) -> None:
        for place in ("https://evil.example.com", "http://toy.example.com", "https://toy.example.com:444"):
            with pytest.raises(InvalidInput, match="OPENVNA_SECRET_DESTINATIONS") as refused:
                gateway.add_source("lab", "toy", config("env:TOY_TOKEN", endpoint=place))  # type: ignore[arg-type]
            assert [path for path, _ in refused.value.fields] == ["endpoint"]
        with pytest.raises(InvalidInput, match="OPENVNA_SECRET_DESTINATIONS"):
            gateway.start_verification("toy", config("env:TOY_TOKEN", proxy="http://evil.example.com:3128"))  # type: ignore[arg-type]
        gateway.add_source("lab", "toy", config("env:TOY_TOKEN", endpoint="https://toy.example.com/some/path"))  # type: ignore[arg-type]

    def test_to_send_it_elsewhere_it_must_be_entered_again_besides(self, gateway: Gateway) -> None:
        gateway.add_source("lab", "toy", config("env:TOY_TOKEN"))  # type: ignore[arg-type]
        with pytest.raises(InvalidInput, match="must be entered again"):
            gateway.edit_source("lab", config={"endpoint": "https://toy.example.com"})
        gateway.edit_source(
            "lab", config={"endpoint": "https://toy.example.com", "credential": {"token": "env:TOY_TOKEN"}}
        )
        with pytest.raises(InvalidInput, match="OPENVNA_SECRET_DESTINATIONS"):
            gateway.edit_source(
                "lab", config={"endpoint": "https://evil.example.com", "credential": {"token": "env:TOY_TOKEN"}}
            )

    def test_a_secret_that_was_entered_may_go_where_a_referenced_proxy_leads(
        self, gateway: Gateway, environment: dict[str, str]
    ) -> None:
        environment["TOY_PROXY"] = "http://robot:pass-word-1@proxy.example.com:3128"
        source = gateway.add_source("lab", "toy", config(GOOD_TOKEN, proxy="env:TOY_PROXY"))  # type: ignore[arg-type]
        assert source.config["proxy"] == "env:TOY_PROXY"
        assert log.redact("pass-word-1") == "***"

    def test_what_is_no_address_is_not_looked_up_as_one(self, gateway: Gateway) -> None:
        with pytest.raises(InvalidInput, match="is no address"):
            gateway.add_source("lab", "toy", config(GOOD_TOKEN, proxy="env:TOY_TOKEN"))  # type: ignore[arg-type]


def cause(places: SecretPlaces, text: str) -> str:
    reference = reference_in(text)
    assert reference is not None
    with pytest.raises(ReferenceUnusable) as error:
        places.value(reference)
    said = f"{error.value.what} {error.value.why} {error.value.remedy}"
    assert GOOD_TOKEN not in said
    assert error.value.what
    assert error.value.remedy
    assert error.value.cause in CAUSES
    return error.value.cause


def value(places: SecretPlaces, text: str) -> str:
    reference = reference_in(text)
    assert reference is not None
    return places.value(reference)


class TestTheEnvironment:
    def test_gives_what_is_allowed_and_nothing_else(self, places: SecretPlaces, environment: dict[str, str]) -> None:
        assert value(places, "env:TOY_TOKEN") == GOOD_TOKEN
        assert cause(places, "env:HOME") == "REF-NOT-ALLOWED"
        assert cause(places, "env:TOY_MISSING") == "REF-ENV"
        environment["TOY_EMPTY"] = "\n"
        assert cause(places, "env:TOY_EMPTY") == "REF-EMPTY"
        assert cause(places, "env:") == "REF-FORM"

    def test_never_gives_what_belongs_to_the_server(self, places: SecretPlaces) -> None:
        assert cause(places, "env:OPENVNA_KEY") == "REF-NOT-ALLOWED"


class TestAFile:
    def test_gives_its_text_without_the_end_of_the_line(self, places: SecretPlaces, folder: Path) -> None:
        (folder / "token").write_text(f"{GOOD_TOKEN}\r\n")
        assert value(places, f"file:{folder}/token") == GOOD_TOKEN

    def test_may_be_a_link_inside_the_directory_as_kubernetes_mounts_them(
        self, places: SecretPlaces, folder: Path
    ) -> None:
        (folder / "..2026").mkdir()
        (folder / "..2026" / "token").write_text(GOOD_TOKEN)
        (folder / "..data").symlink_to("..2026")
        (folder / "token").symlink_to("..data/token")
        assert value(places, f"file:{folder}/token") == GOOD_TOKEN

    @pytest.mark.parametrize(
        ("make", "expected"),
        [
            (lambda folder: folder.parent / "outside", "REF-NOT-ALLOWED"),
            (lambda folder: folder / ".." / "outside", "REF-NOT-ALLOWED"),
            (lambda folder: _link(folder / "escape", folder.parent / "outside"), "REF-NOT-ALLOWED"),
            (lambda folder: _link(folder / "shadow", Path("/etc/shadow")), "REF-NOT-ALLOWED"),
            (lambda folder: folder, "REF-NOT-ALLOWED"),
            (lambda folder: _written(folder / "key", b"the-key"), "REF-NOT-ALLOWED"),
            (lambda folder: _link(folder / "alias", _written(folder / "key", b"the-key")), "REF-NOT-ALLOWED"),
            (lambda folder: _link(folder / "loop", folder / "loop"), "REF-FILE"),
            (lambda folder: folder / "missing", "REF-FILE"),
            (lambda folder: _folder(folder / "deeper"), "REF-FILE"),
            (lambda folder: _pipe(folder / "pipe"), "REF-FILE"),
            (lambda folder: _written(folder / "empty", b"\n"), "REF-EMPTY"),
            (lambda folder: _written(folder / "binary", b"\xff\xfe\x00"), "REF-EMPTY"),
            (lambda folder: _written(folder / "large", b"x" * 65_537), "REF-EMPTY"),
            (lambda folder: Path("relative"), "REF-FORM"),
            (lambda folder: Path(f"{folder}/nul\0byte"), "REF-FILE"),
        ],
    )
    def test_that_is_none_of_ours_is_not_read(
        self, make: Callable[[Path], Path], expected: str, places: SecretPlaces, folder: Path
    ) -> None:
        (folder.parent / "outside").write_text(GOOD_TOKEN)
        assert cause(places, f"file:{make(folder)}") == expected

    def test_that_the_server_itself_enters_with_is_not_read(self, tmp_path: Path) -> None:
        for name in ("key.0123456789abcdef", "vault-token"):
            (tmp_path / name).write_text("not for a source")
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "one").write_text("for a source")
        (tmp_path / "secrets" / "token").write_text("not for a source")
        environment = {"VAULT_TOKEN_FILE": str(tmp_path / "secrets" / "token")}
        mine = SecretPlaces(Allowed(directories=(tmp_path,), never=(tmp_path,)), environment)
        assert value(mine, f"file:{tmp_path}/secrets/one") == "for a source"
        for name in ("key.0123456789abcdef", "vault-token", "secrets/token"):
            assert cause(mine, f"file:{tmp_path}/{name}") == "REF-NOT-ALLOWED"

    def test_that_is_the_identity_of_the_pod_is_not_read_by_default(self) -> None:
        mine = SecretPlaces(Allowed(directories=(Path("/run/secrets"),)), {})
        assert cause(mine, "file:/run/secrets/kubernetes.io/serviceaccount/token") == "REF-NOT-ALLOWED"


def _written(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file


def _link(link: Path, to: Path) -> Path:
    link.symlink_to(to)
    return link


def _folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _pipe(pipe: Path) -> Path:
    os.mkfifo(pipe)
    return pipe


class TestVault:
    def test_gives_a_field_of_the_newest_version(self, places: SecretPlaces, vault: FakeVault) -> None:
        assert value(places, "vault:kv/toys/lab#token") == GOOD_TOKEN
        assert vault.asked == [("GET", "kv/data/toys/lab", "")]

    def test_is_asked_in_its_namespace(
        self, places: SecretPlaces, vault: FakeVault, environment: dict[str, str]
    ) -> None:
        environment["VAULT_NAMESPACE"] = "team-a"
        value(places, "vault:kv/toys/lab#token")
        assert vault.asked[-1][2] == "team-a"

    def test_is_entered_with_a_token_file(
        self, places: SecretPlaces, vault: FakeVault, environment: dict[str, str], tmp_path: Path
    ) -> None:
        del environment["VAULT_TOKEN"]
        environment["VAULT_TOKEN_FILE"] = str(tmp_path / "token")
        assert cause(places, "vault:kv/toys/lab#token") == "REF-VAULT"
        (tmp_path / "token").write_text("hvs.root-token-of-a-test\n")
        assert value(places, "vault:kv/toys/lab#token") == GOOD_TOKEN

    def test_is_entered_with_an_approle(
        self, places: SecretPlaces, vault: FakeVault, environment: dict[str, str]
    ) -> None:
        del environment["VAULT_TOKEN"]
        environment |= {"VAULT_ROLE_ID": "role-1", "VAULT_SECRET_ID": "secret-id-of-the-role"}
        assert cause(places, "vault:kv/toys/lab#token") == "REF-VAULT-DENIED"
        vault.roles["role-1"] = "secret-id-of-the-role"
        assert value(places, "vault:kv/toys/lab#token") == GOOD_TOKEN
        assert log.redact("secret-id-of-the-role hvs.token-of-the-approle") == "*** ***"

    @pytest.mark.parametrize(
        ("reference", "expected"),
        [
            ("vault:kv/toys/lab", "REF-FORM"),
            ("vault:kv#token", "REF-FORM"),
            ("vault:kv/toys/../lab#token", "REF-FORM"),
            ("vault:kv/toys//lab#token", "REF-FORM"),
            ("vault:kv/toys/lab?list=true#token", "REF-FORM"),
            ("vault:kv/toys/%2e%2e/lab#token", "REF-FORM"),
            ("vault:kv/others/lab#token", "REF-NOT-ALLOWED"),
            ("vault:kv/toys/none#token", "REF-VAULT-MISSING"),
            ("vault:kv/toys/lab#none", "REF-VAULT-MISSING"),
            ("vault:kv/toys/lab#number", "REF-VAULT-MISSING"),
        ],
    )
    def test_says_what_is_wrong(self, reference: str, expected: str, places: SecretPlaces, vault: FakeVault) -> None:
        assert cause(places, reference) == expected

    def test_says_why_it_does_not_answer(
        self, places: SecretPlaces, vault: FakeVault, environment: dict[str, str]
    ) -> None:
        vault.sealed = True
        assert cause(places, "vault:kv/toys/lab#token") == "REF-VAULT"
        vault.sealed = False
        environment["VAULT_TOKEN"] = "hvs.another-token-altogether"
        assert cause(places, "vault:kv/toys/lab#token") == "REF-VAULT-DENIED"
        environment["VAULT_ADDR"] = "http://127.0.0.1:9"
        assert cause(places, "vault:kv/toys/lab#token") == "REF-VAULT-UNREACHABLE"
        environment["VAULT_ADDR"] = ""
        assert cause(places, "vault:kv/toys/lab#token") == "REF-VAULT"

    def test_does_not_carry_its_token_to_another_address(self, places: SecretPlaces, vault: FakeVault) -> None:
        with vault_server() as other:
            vault.redirect = other.address
            assert cause(places, "vault:kv/toys/lab#token") == "REF-VAULT"
            assert other.asked == []

    def test_is_off_where_nobody_switched_it_on(self, environment: dict[str, str]) -> None:
        for text in ("vault:kv/a#b", "awssm:a", "file:/a", "env:A"):
            assert cause(SecretPlaces(Allowed(), environment), text) == "REF-OFF"


class TestWhatAPluginBrings:
    def test_secrets_manager_is_asked_for_what_is_allowed(self, places: SecretPlaces) -> None:
        assert value(places, "awssm:toys/lab#token") == "secret-of-toys/lab#token"
        assert cause(places, "awssm:others/lab") == "REF-NOT-ALLOWED"
