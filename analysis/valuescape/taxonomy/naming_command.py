"""``valuescape taxonomy build`` with ``--namer anthropic`` or ``--namer endpoint``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from valuescape.errors import OptionError, StoppedError
from valuescape.progress import steps
from valuescape.providers.account import check_budget, spent
from valuescape.providers.addresses import KEY_VARIABLE, checked_address
from valuescape.providers.anthropic_api import DEFAULT_MODEL, AnthropicApi, anthropic_key
from valuescape.providers.dispatch import Dispatcher, Manner
from valuescape.providers.endpoint_api import EndpointApi
from valuescape.providers.keys import read_key
from valuescape.providers.ledger import Ledger, open_ledger
from valuescape.providers.prices import Price, find_price
from valuescape.providers.service import Service, unprepared
from valuescape.taxonomy.asking import Replay, ask_through
from valuescape.taxonomy.free_tree import Draft, ValueTree, name_tree
from valuescape.taxonomy.model_naming import ModelNamer
from valuescape.taxonomy.naming_plan import NamingPlan, plan_naming


def _silent(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Naming:
    """A model that is to name nodes.

    Attributes
    ----------
    model : str
        Its name.
    where : str
        To whom names go and how, in words.
    connect : callable
        Makes the interface; raises where the environment holds no key that it needs.
    confirm : callable
        Asked with the plan before anything is sent; not asked where nothing is left to send.
    price : Price or None
        Price of the model, where it is known.
    manner : Manner
        In batches or not, budget.
    schema_told : bool
        Whether the form of answers is put in words as well.
    tell : callable
        Told what the user should know.
    """

    model: str
    where: str
    connect: Callable[[], Service]
    confirm: Callable[[NamingPlan], bool]
    price: Price | None = None
    manner: Manner = field(default_factory=Manner)
    schema_told: bool = False
    tell: Callable[[str], None] = _silent


def name_with_anthropic(
    confirm: Callable[[NamingPlan], bool],
    *,
    model: str = DEFAULT_MODEL,
    manner: Manner | None = None,
    base_url: str | None = None,
    max_retries: int = 6,
    timeout: float = 600.0,
) -> Naming:
    """Have nodes named by a Claude model.

    Parameters
    ----------
    confirm, model, manner
        As :class:`Naming` holds them.
    base_url, max_retries, timeout
        As :class:`~valuescape.providers.anthropic_api.AnthropicApi` takes them.

    Raises
    ------
    OptionError
        If the budget cannot be held.
    """
    manner, price = manner or Manner(), find_price(model)
    check_budget(manner.budget, model, price)

    def connect() -> Service:
        key = anthropic_key()
        api = AnthropicApi(key, base_url=base_url, max_retries=max_retries, timeout=timeout)
        return Service(api, api, unprepared)

    how = "in batches, at half the price" if manner.batch else "one by one"
    return Naming(model, f"at Anthropic {how}", connect, confirm, price, manner)


def name_with_endpoint(
    base_url: str,
    model: str,
    confirm: Callable[[NamingPlan], bool],
    *,
    tell: Callable[[str], None] = _silent,
    max_retries: int = 4,
    timeout: float = 600.0,
    first_wait: float = 0.5,
) -> Naming:
    """Have nodes named by a model behind an OpenAI-compatible endpoint.

    Parameters
    ----------
    base_url : str
        Address of the endpoint.
    model, confirm, tell
        As :class:`Naming` holds them.
    max_retries, timeout, first_wait
        As :class:`~valuescape.providers.endpoint_api.EndpointApi` takes them.

    Raises
    ------
    OptionError
        If the address is none.
    """
    address = checked_address(base_url)

    def connect() -> Service:
        api = EndpointApi(
            address,
            read_key(KEY_VARIABLE),
            max_retries=max_retries,
            timeout=timeout,
            first_wait=first_wait,
        )
        return Service(api, None, lambda probe: api.hold(probe).notice)

    manner = Manner(batch=False)
    return Naming(
        model, f"at {address}", connect, confirm, manner=manner, schema_told=True, tell=tell
    )


def ledger_beside(output: Path) -> Path:
    """Return where the ledger of a tree is: beside its folder, which is replaced whole.

    Raises
    ------
    OptionError
        If the folder has no name of its own, or is a file.

    Examples
    --------
    >>> ledger_beside(Path("trees/work")).as_posix()
    'trees/work.ledger.sqlite'
    """
    if output.name in ("", "..") or output.is_file():
        raise OptionError(f"--output {output}: needed is the name of a folder, new or old")
    return output.with_name(f"{output.name}.ledger.sqlite")


def name_by_model(
    draft: Draft, seed: int, naming: Naming, ledger_path: Path
) -> tuple[ValueTree, str]:
    """Have the nodes of a draft named by a model.

    Parameters
    ----------
    draft : Draft
        The tree without names.
    seed : int
        As :func:`valuescape.taxonomy.free_tree.build_tree` takes it.
    naming : Naming
        By whom.
    ledger_path : Path
        The ledger; made where there is none.

    Returns
    -------
    ValueTree
        The tree.
    str
        How many answers could not be used and what the ledger holds, in words.

    Raises
    ------
    InputError
        If there is no key.
    StoppedError
        If the plan is not confirmed, or the budget is reached.
    ServiceError
        If the interface cannot be reached, refuses, or gives no answer.
    """
    service = None if ledger_path.is_file() else naming.connect()
    with open_ledger(ledger_path) as ledger:
        replay = Replay(ledger)
        namer = ModelNamer(replay, naming.model, naming.schema_told)
        tree = name_tree(draft, namer, seed)
        if replay.left:
            if not naming.confirm(_plan(draft, naming, replay)):
                raise StoppedError("not confirmed; nothing has been sent")
            service = service or naming.connect()
            if notice := service.prepare(namer.probe()):
                naming.tell(notice)
            tree, namer = _asked(draft, seed, naming, service, ledger)
        return tree, f"{_told(namer)}\n{spent(ledger)}"


def _plan(draft: Draft, naming: Naming, replay: Replay) -> NamingPlan:
    return plan_naming(
        replay.left.values(),
        len(replay.answered),
        draft.sizes,
        naming.price,
        "batch" if naming.manner.batch else "message",
        model=naming.model,
        where=naming.where,
        budget=naming.manner.budget,
    )


def _asked(
    draft: Draft, seed: int, naming: Naming, service: Service, ledger: Ledger
) -> tuple[ValueTree, ModelNamer]:
    dispatcher = Dispatcher(service.api, service.batches, ledger, naming.price, naming.manner)
    with steps("naming", None) as done:
        namer = ModelNamer(ask_through(dispatcher, done), naming.model, naming.schema_told)
        return name_tree(draft, namer, seed), namer


def _told(namer: ModelNamer) -> str:
    """Say who named and how many answers could not be used."""
    n = namer.fallbacks
    if not n:
        return f"named by {namer.model}; every answer could be used"
    return (
        f"named by {namer.model}; answers that could not be used: {n['naming']:,} to questions for "
        f"a name (the medoid stands), {n['distinct']:,} for distinct names (the medoid is added), "
        f"{n['parent']:,} for a parent (the computed one stands)"
    )
