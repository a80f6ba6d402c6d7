"""``valuescape label`` and ``plan`` with ``--labeller anthropic``."""

from __future__ import annotations

from collections.abc import Callable

from valuescape.labelling.order import Order
from valuescape.labelling.plan import Count, Plan
from valuescape.labelling.prompt import make_prompt
from valuescape.labelling.sending import Target, label_order, plan_order
from valuescape.providers.anthropic_api import KEY_VARIABLE, AnthropicApi, anthropic_key
from valuescape.providers.keys import read_key
from valuescape.providers.prices import find_price
from valuescape.providers.service import Service, unprepared


def plan_with_anthropic(order: Order, *, with_texts: bool, base_url: str | None = None) -> Plan:
    """Plan labelling with a Claude model; without a key everything is estimated, and nothing sent.

    Parameters
    ----------
    order : Order
        What and how.
    with_texts : bool
        Whether a sample of the texts may be sent to have its tokens counted.
    base_url : str or None
        Address of the interface; None for the SDK's own.

    Raises
    ------
    InputError
        If an option or the file is not usable.
    RefusedError
        If there is a key and it is refused.
    """
    key = read_key(KEY_VARIABLE)
    count = AnthropicApi(key, base_url=base_url).count_tokens if key else None
    return plan_order(order, _target(order, count), with_texts=with_texts)


def label_with_anthropic(
    order: Order,
    confirm: Callable[[Plan], bool],
    *,
    agreed: bool = False,
    tell: Callable[[str], None] = lambda _: None,
    base_url: str | None = None,
    max_retries: int = 6,
    timeout: float = 600.0,
) -> str:
    """Label a file with a Claude model.

    Parameters
    ----------
    order, confirm, agreed, tell
        As :func:`~valuescape.labelling.sending.label_order` takes them.
    base_url, max_retries, timeout
        As :class:`~valuescape.providers.anthropic_api.AnthropicApi` takes them.

    Returns
    -------
    str
        How many conversations ended how, and what was spent.

    Raises
    ------
    InputError
        If an option or the file is not usable, there is no key, the plan is not confirmed, the
        budget is reached, or the interface fails.
    """
    order.check(find_price(order.model))
    api = AnthropicApi(anthropic_key(), base_url=base_url, max_retries=max_retries, timeout=timeout)
    target = _target(order, api.count_tokens)
    service = Service(api, api, unprepared)
    return label_order(order, target, service, confirm=confirm, agreed=agreed, tell=tell)


def _target(order: Order, count: Count | None) -> Target:
    how = "in batches, at half the price" if order.manner.batch else "one by one"
    prompt = make_prompt(order.model, order.vocabulary)
    return Target(prompt, f"at Anthropic {how}", find_price(order.model), count)
