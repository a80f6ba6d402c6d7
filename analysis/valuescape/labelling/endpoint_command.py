"""``valuescape label`` and ``plan`` with ``--labeller endpoint``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from valuescape.errors import OptionError
from valuescape.labelling.order import Order
from valuescape.labelling.plan import Plan
from valuescape.labelling.prompt import MAX_TOKENS, make_prompt
from valuescape.labelling.sending import Target, label_order, plan_order
from valuescape.providers.addresses import KEY_VARIABLE, checked_address
from valuescape.providers.completions import SAMPLING
from valuescape.providers.endpoint_api import EndpointApi
from valuescape.providers.exchange import Request
from valuescape.providers.keys import read_key
from valuescape.providers.service import Service


def plan_with_endpoint(order: Order, base_url: str) -> Plan:
    """Plan labelling with a model behind an endpoint; nothing is sent, everything estimated.

    Parameters
    ----------
    order : Order
        What and how.
    base_url : str
        Address of the endpoint.

    Raises
    ------
    InputError
        If an option or the file is not usable.
    """
    return plan_order(order, _target(order, checked_address(base_url)), with_texts=False)


def label_with_endpoint(
    order: Order,
    base_url: str,
    confirm: Callable[[Plan], bool],
    *,
    tell: Callable[[str], None] = lambda _: None,
    max_retries: int = 4,
    timeout: float = 600.0,
    first_wait: float = 0.5,
) -> str:
    """Label a file with a model behind an OpenAI-compatible endpoint.

    Parameters
    ----------
    order, confirm, tell
        As :func:`~valuescape.labelling.sending.label_order` takes them.
    base_url : str
        Address of the endpoint.
    max_retries, timeout, first_wait
        As :class:`~valuescape.providers.endpoint_api.EndpointApi` takes them.

    Returns
    -------
    str
        How many conversations ended how.

    Raises
    ------
    InputError
        If an option or the file is not usable, the plan is not confirmed, or the endpoint fails.
    """
    address = checked_address(base_url)
    target = _target(order, address)
    order = replace(order, manner=replace(order.manner, batch=False))
    api = EndpointApi(
        address,
        read_key(KEY_VARIABLE),
        max_retries=max_retries,
        timeout=timeout,
        first_wait=first_wait,
    )

    def held(codebook: Request) -> str:
        return api.hold(replace(codebook, max_tokens=MAX_TOKENS)).notice

    service = Service(api, None, held)
    return label_order(order, target, service, confirm=confirm, agreed=False, tell=tell)


def _target(order: Order, address: str) -> Target:
    if order.manner.budget is not None:
        raise OptionError(
            "--budget goes with --labeller anthropic alone: an endpoint's prices are not known; "
            "--limit bounds what is sent"
        )
    prompt = make_prompt(order.model, order.vocabulary, schema_told=True, parameters=SAMPLING)
    return Target(prompt, f"at {address}", None, None)
