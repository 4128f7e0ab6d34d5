"""Who may do what: deny wins, no match is denied, and only production's revision grants."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config import actions
from cdp_assets.config.actions import ACTIONS
from cdp_assets.config.database import Database
from cdp_assets.config.loader import FOLDERS
from cdp_assets.config.orchestration import DataExport, Orchestration
from cdp_assets.config.policy import STANDARD_POLICIES, Policy, Statement, contains, matches
from cdp_assets.config.resource_group import ResourceGroup
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.user import DATAGRID, OPTIONS, User
from cdp_assets.errors import DeniedError
from cdp_assets.home import REPOSITORY
from cdp_assets.security.actions import EDITS, actions_of_changes
from cdp_assets.security.decision import NO_USERS, SAME_AS, decide
from cdp_assets.security.policy import may
from cdp_assets.security.standard import IN_OWN_SANDBOX, OPTION_STATEMENTS, POLICIES

OWN, OTHERS = "sandbox__mine", "sandbox__yours"
OPERATOR, ADMINISTRATOR = DATAGRID
SANDBOX, USERS = "Allow sandbox administration", "Allow user administration"


def tenant_of(*policies: str, options: tuple[str, ...] = (), own: tuple[Policy, ...] = ()) -> Tenant:
    """Give a tenant in which Ann has these policies and options."""
    ann = User(name="ann", full_name="Ann Lee", policies=policies, options=options)
    return Tenant(id="acme", name="Acme", users={"ann": ann}, policies={policy.name: policy for policy in own})


def is_allowed(action: str, resource: str, tenant: Tenant, owner: str | None = None) -> bool:
    """Ask the door itself."""
    try:
        may("ann", action, resource, tenant, owner)
    except DeniedError:
        return False
    return True


def own_policy(*statements: tuple[str, str, str]) -> Policy:
    """Give a policy of (effect, action, resource)."""
    made = [Statement(effect=effect, actions=(action,), resources=(on,)) for effect, action, on in statements]
    return Policy(name="own", statements=tuple(made))


# Amp360, AmpIQ, Operator, Administrator of the documented matrix, on production; Y yes, U and X need an option.
MATRIX = {
    "environment:plan": "YYYY",
    "environment:apply": "YYYY",
    "environment:rollback": "---Y",
    "environment:recover": "--YY",
    "plan:approve": "---Y",
    "sandbox:create": "--YY",
    "tenant:edit": "---Y",
    "source:edit": "---Y",
    "stitch:edit": "---Y",
    "database:edit": "---Y",
    "query:edit": "Y-YY",
    "segment:edit": "-YYY",
    "campaign:edit": "-YYY",
    "orchestration:edit": "Y-YY",
    "destination:edit": "--YY",
    "credential:edit": "--YY",
    "user:administer": "UUUY",
    "query:run": "Y-YY",
    "segment:explore": "-YYY",
    "campaign:launch": "-YYY",
    "pii:view": "YYYY",
    "export:run": "Y-YY",
    "export:download": "YYYY",
    "source:delete": "--XX",
    "audit:read": "UUUY",
    "state:collect-garbage": "---Y",
    "state:unlock": "---Y",
}
CELLS = [
    (action, policy, mark)
    for action, marks in MATRIX.items()
    for policy, mark in zip(STANDARD_POLICIES[:4], marks, strict=True)
]


@pytest.mark.parametrize(("action", "policy", "mark"), CELLS)
def test_a_standard_policy_allows_what_the_matrix_says(action: str, policy: str, mark: str) -> None:
    """Without an option, and with the one that the matrix names."""
    option = {"U": USERS, "X": "Allow source data deletion"}.get(mark)
    assert is_allowed(action, "production", tenant_of(policy)) is (mark == "Y")
    if option is not None:
        assert is_allowed(action, "production", tenant_of(policy, options=(option,)))


def test_the_matrix_here_is_about_every_action() -> None:
    """Those inside sandboxes have tests of their own."""
    assert set(ACTIONS) == {*MATRIX, "sandbox:open", "sandbox:pull", "sandbox:promote", "sandbox:delete"}


@pytest.mark.parametrize("policy", STANDARD_POLICIES[4:])
def test_a_read_only_policy_changes_nothing(policy: str) -> None:
    """It looks, and with personal values; it neither edits nor sends."""
    allowed = {action for action in ACTIONS if is_allowed(action, "production", tenant_of(policy))}
    assert "pii:view" in allowed
    assert allowed <= {"environment:plan", "query:run", "pii:view"}


@pytest.mark.parametrize(
    ("option", "action"),
    [
        ("Restrict PII access", "pii:view"),
        ("Restrict PII access", "query:reveal"),
        ("Restrict data exports", "export:run"),
        ("Restrict download access", "export:download"),
    ],
)
def test_a_restriction_wins_over_every_policy(option: str, action: str) -> None:
    """Even over the administrator's, and the message names it."""
    assert is_allowed(action, "query.buyers", tenant_of(ADMINISTRATOR))
    with pytest.raises(DeniedError, match=f"the option {option} denies it"):
        may("ann", action, "query.buyers", tenant_of(ADMINISTRATOR, options=(option,)))


def test_a_tenant_without_users_is_open() -> None:
    """A laptop without a log-in; also before the first apply."""
    assert decide("anybody", "environment:apply", "production", None).because == NO_USERS
    may("anybody", "environment:apply", "production", Tenant(id="acme", name="Acme"))
    may("anybody", "environment:apply", "production")


@pytest.mark.parametrize("stranger", ["bob", "Ann", "", "ann "])
def test_the_first_user_closes_the_door_to_everybody_else(stranger: str) -> None:
    """Letter by letter."""
    with pytest.raises(DeniedError, match=r"is not a user of this tenant.*Expected users/"):
        may(stranger, "environment:plan", "production", tenant_of(ADMINISTRATOR))


def test_what_no_statement_is_about_is_denied() -> None:
    """A policy may be empty, or absent from an old revision."""
    assert decide("ann", "query:run", "query.x", tenant_of("gone")).because == "no statement allows it"
    assert not is_allowed("query:run", "query.x", tenant_of("own", own=(own_policy(),)))


@pytest.mark.parametrize("turn", [1, -1])
def test_deny_wins_whatever_the_order(turn: int) -> None:
    """Also between policies."""
    allow, deny = ("allow", "query:*", "*"), ("deny", "query:run", "production:query.secret")
    tenant = tenant_of("own", own=(own_policy(*[allow, deny][::turn]),))
    assert is_allowed("query:run", "production:query.open", tenant)
    assert not is_allowed("query:run", "production:query.secret", tenant)
    both = tenant_of(*(ADMINISTRATOR, "own")[::turn], own=(own_policy(deny),))
    assert not is_allowed("query:run", "production:query.secret", both)


def test_an_operator_makes_a_sandbox_and_administers_it() -> None:
    """What production leaves to the administrator, inside one's own."""
    tenant = tenant_of(OPERATOR)
    assert is_allowed("sandbox:create", OWN, tenant)
    for action in ("sandbox:open", "sandbox:pull", "sandbox:delete", "source:edit", "environment:rollback"):
        assert is_allowed(action, OWN, tenant, owner="ann"), action
        assert not is_allowed(action, OTHERS, tenant, owner="bob"), action
        assert not is_allowed(action, OWN, tenant), f"{action} without an owner"
    assert not is_allowed("source:edit", "production", tenant, owner="ann")


def test_promotion_needs_the_option_of_an_operator_and_none_of_an_administrator_who_owns_it() -> None:
    """An administrator may change production anyway; others' sandboxes stay closed to both."""
    assert not is_allowed("sandbox:promote", OWN, tenant_of(OPERATOR), owner="ann")
    assert is_allowed("sandbox:promote", OWN, tenant_of(OPERATOR, options=(SANDBOX,)), owner="ann")
    assert is_allowed("sandbox:promote", OWN, tenant_of(ADMINISTRATOR), owner="ann")
    assert not is_allowed("sandbox:promote", OTHERS, tenant_of(ADMINISTRATOR), owner="bob")


@pytest.mark.parametrize("policy", DATAGRID)
def test_others_sandboxes_take_the_option(policy: str) -> None:
    """To see, open, promote, delete and change; the error says so."""
    for action in ("sandbox:open", "sandbox:promote", "sandbox:delete", "source:edit", "query:run"):
        assert not is_allowed(action, OTHERS, tenant_of(policy), owner="bob"), action
        assert not is_allowed(action, f"{OTHERS}:query.x", tenant_of(policy), owner="bob"), action
        assert is_allowed(action, OTHERS, tenant_of(policy, options=(SANDBOX,)), owner="bob"), action
        assert is_allowed(action, f"{OTHERS}:query.x", tenant_of(policy, options=(SANDBOX,)), owner="bob"), action
    with pytest.raises(DeniedError, match=f"Expected the option {SANDBOX}"):
        may("ann", "sandbox:open", OTHERS, tenant_of(policy), owner="bob")


@pytest.mark.parametrize("policy", ["Amp360 User", "AmpIQ User", *STANDARD_POLICIES[4:]])
def test_owning_a_sandbox_gives_nothing_to_who_may_make_none(policy: str) -> None:
    """An operator who was made read-only is out of it."""
    for action in ACTIONS:
        assert not is_allowed(action, OWN, tenant_of(policy), owner="ann"), action


def test_owning_a_sandbox_shows_no_data_that_production_hides() -> None:
    """A sandbox shares production's data."""
    hidden = tenant_of(OPERATOR, options=("Restrict PII access",))
    assert not is_allowed("pii:view", OWN, hidden, owner="ann")
    denied = tenant_of(OPERATOR, "own", own=(own_policy(("deny", "sandbox:open", OWN)),))
    assert not is_allowed("environment:apply", OWN, denied, owner="ann")
    granted = {action for statement in IN_OWN_SANDBOX for action in statement.actions}
    assert not granted & {"query:run", "pii:view", "export:run", "export:download", "source:delete"}


@pytest.mark.parametrize("option", ["Allow source data deletion", SANDBOX])
def test_an_option_widens_only_the_policies_that_it_is_for(option: str) -> None:
    """Beside an Amp360 User it gives nothing; the error says which pair would."""
    tenant = tenant_of("Amp360 User", options=(option,))
    assert not is_allowed("source:delete", "feed.x", tenant)
    assert not is_allowed("sandbox:open", OTHERS, tenant, owner="bob")
    with pytest.raises(DeniedError, match="DataGrid Operator with the option Allow source data deletion"):
        may("ann", "source:delete", "feed.x", tenant_of("Amp360 User"))


def test_a_denial_says_who_what_and_what_would_allow_it() -> None:
    """An option first, then policies."""
    with pytest.raises(DeniedError) as error:
        may("ann", "user:administer", "user.bob", tenant_of(OPERATOR))
    assert str(error.value) == (
        "ann may not user:administer user.bob: no statement allows it. "
        f"Expected the option {USERS} or the policy {ADMINISTRATOR}."
    )


@pytest.mark.parametrize(
    ("access", "policy", "groups", "allowed"),
    [
        ("everyone", OPERATOR, (), True),
        ("admins", OPERATOR, (), False),
        ("admins", OPERATOR, ("people",), False),
        ("admins", ADMINISTRATOR, (), True),
        ("resource_group", ADMINISTRATOR, (), False),
        ("resource_group", OPERATOR, ("people",), True),
        ("resource_group", OPERATOR, ("others",), False),
    ],
)
def test_a_database_says_who_may_read_it(access: str, policy: str, groups: tuple[str, ...], allowed: bool) -> None:
    ann = User(name="ann", full_name="Ann", policies=(policy,), resource_groups=groups)
    known = {
        "people": ResourceGroup(name="people", databases=("c360",)),
        "others": ResourceGroup(name="others", databases=()),
    }
    databases = {"c360": Database.model_validate({"name": "c360", "access": access})}
    tenant = Tenant(id="acme", name="Acme", users={"ann": ann}, resource_groups=known, databases=databases)
    assert is_allowed(actions.QUERY_RUN, "production:database__c360.people", tenant) is allowed


def test_who_may_not_read_a_database_is_told_what_would_let_them() -> None:
    ann = User(name="ann", full_name="Ann", policies=(OPERATOR,))
    databases = {"c360": Database.model_validate({"name": "c360", "access": "admins"})}
    tenant = Tenant(id="acme", name="Acme", users={"ann": ann}, databases=databases)
    with pytest.raises(DeniedError, match=r"for administrators alone\. Expected the policy DataGrid Administrator"):
        may("ann", actions.QUERY_RUN, "production:database__c360.people", tenant)


def test_a_resource_group_limits_the_databases_whose_data_is_shown() -> None:
    """And nothing outside every database is shown either."""
    ann = User(name="ann", full_name="Ann", policies=(ADMINISTRATOR,), resource_groups=("sales",))
    groups = {"sales": ResourceGroup(name="sales", databases=("sales",))}
    tenant = Tenant(id="acme", name="Acme", users={"ann": ann}, resource_groups=groups)
    for inside in ("database.sales", "production:database__sales.orders", "database_table.sales.orders", "production"):
        assert is_allowed("query:run", inside, tenant), inside
    for outside in ("database.hr", "database__hr.pay", "domain.ecom_orders", "unified.unified_coalesced", "query.x"):
        assert not is_allowed("query:run", outside, tenant), outside
        assert is_allowed("query:edit", outside, tenant), outside
    with pytest.raises(DeniedError, match="database__hr is outside the resource groups sales"):
        may("ann", "pii:view", "database__hr.pay", tenant)


def test_a_data_export_shows_the_data_of_its_database() -> None:
    """And so does what sends it."""
    ann = User(name="ann", full_name="Ann", policies=(ADMINISTRATOR,), resource_groups=("sales",))
    groups = {"sales": ResourceGroup(name="sales", databases=("sales",))}
    exports = {name: DataExport(name=name, database=name, tables=("t",)) for name in ("sales", "hr")}
    orders = {name: Orchestration(name=name, data_export=name, data_template="t") for name in exports}
    tenant = Tenant(
        id="acme", name="Acme", users={"ann": ann}, resource_groups=groups, data_exports=exports, orchestrations=orders
    )
    for kind in ("data_export", "orchestration"):
        assert is_allowed("export:run", f"production:{kind}.sales", tenant)
        assert not is_allowed("export:run", f"production:{kind}.hr", tenant)


@pytest.mark.parametrize(
    ("pattern", "action", "fits"),
    [
        ("pii:*", "pii:view", True),
        ("*:*", "pii:view", True),
        ("*", "pii:view", False),
        ("pii*", "pii:view", False),
        ("p*w", "pii:view", False),
        ("*:view", "pii:view", True),
        ("pii:view", "pii:viewer", False),
        ("PII:*", "pii:view", False),
        ("pii:*", "pii", False),
    ],
)
def test_a_wildcard_stays_between_colons(pattern: str, action: str, fits: bool) -> None:
    """Part by part, and letters count as they are."""
    assert matches(pattern, action) is fits


def test_a_resource_pattern_covers_what_lies_inside() -> None:
    """Never what lies around."""
    assert contains("production", "production:query.x")
    assert not contains("production:query.x", "production")
    assert not contains("production:*", "sandbox__x:query.x")


def test_changes_need_the_edit_of_their_kind_and_users_an_administrator() -> None:
    """A promotion brings all but users along."""
    addresses = ["feed.a", "database_table.c.t", "query.q", "tenant", "stitch", "resource_group.g"]
    wanted = {"source:edit", "database:edit", "query:edit", "tenant:edit", "stitch:edit", "user:administer"}
    assert actions_of_changes(addresses) == wanted
    assert actions_of_changes(addresses, promoting=True) == {"user:administer"}
    assert actions_of_changes([]) == set()


def test_every_kind_of_resource_and_every_option_is_known() -> None:
    """A new kind must say who may change it."""
    kinds = {name[:-3] + "y" if name.endswith("ies") else name.removesuffix("s") for name in FOLDERS}
    assert kinds | {"database", "database_table", "stitch", "merge_policy"} == set(EDITS)
    assert set(OPTION_STATEMENTS) == set(OPTIONS)
    assert set(POLICIES) == set(STANDARD_POLICIES)
    named = {value for name, value in vars(actions).items() if name.isupper() and isinstance(value, str)}
    assert named == set(ACTIONS)


def test_nobody_asks_for_an_action_that_no_policy_can_be_about() -> None:
    """A word that is not in the list would be denied to all but patterns."""
    word = r"\"([a-z-]+:[a-z-]+)\""
    calls = re.compile(rf"(?:\b(?:may|allow)\([^()\"]*|\baction=){word}(?:[^()\"]*\belse\s+{word})?")
    sources = [path.read_text(encoding="utf-8") for path in (REPOSITORY / "cdp_assets").rglob("*.py")]
    asked = {action for text in sources for call in calls.findall(text) for action in call if action}
    assert "query:run" in asked
    assert asked <= {*ACTIONS, *SAME_AS}


WORDS = st.sampled_from(["a", "b", "ab", "*", "a*", "*b"])
PATTERNS = st.lists(WORDS, min_size=2, max_size=2).map(":".join)
RESOURCES = st.lists(WORDS, min_size=1, max_size=3).map(":".join)
PLAIN = st.sampled_from(["a", "b", "ab", "ba", "aab"])
STATEMENTS = st.builds(
    lambda effect, acts, on: Statement(effect=effect, actions=tuple(acts), resources=tuple(on)),
    st.sampled_from(["allow", "deny"]),
    st.lists(PATTERNS, min_size=1, max_size=2),
    st.lists(RESOURCES, min_size=1, max_size=2),
)


def fits(pattern: str, text: str) -> bool:
    """Match letter by letter; the oracle."""
    if not pattern or not text:
        return pattern.strip("*") == "" and not text
    if pattern[0] == "*":
        return fits(pattern[1:], text) or (text[0] != ":" and fits(pattern, text[1:]))
    return pattern[0] == text[0] and fits(pattern[1:], text[1:])


@given(
    st.lists(STATEMENTS, max_size=5),
    st.lists(PLAIN, min_size=2, max_size=2),
    st.lists(PLAIN, min_size=1, max_size=3),
)
def test_decisions_agree_with_brute_force(statements: list[Statement], act: list[str], on: list[str]) -> None:
    """Any allow and no deny, over every pattern and everything around the resource."""
    action, around = ":".join(act), [":".join(on[:end]) for end in range(1, len(on) + 1)]
    effects = {
        statement.effect
        for statement in statements
        for pattern in statement.actions
        for resource in statement.resources
        if fits(pattern, action) and any(fits(resource, place) for place in around)
    }
    tenant = tenant_of("own", own=(Policy(name="own", statements=tuple(statements)),))
    assert decide("ann", action, around[-1], tenant).allowed is (effects == {"allow"})
