"""Write ``kindness.eval`` with Inspect itself (inspect-ai 0.3.285) and its stand-in model.

Needs no network and no key: the replies are given, and the counter of tokens is replaced.
The texts are invented.
"""

import tiktoken
from inspect_ai import Task
from inspect_ai import eval as run
from inspect_ai.dataset import Sample
from inspect_ai.model import (
    ChatMessageSystem,
    ChatMessageUser,
    ContentImage,
    ContentText,
    ModelOutput,
    get_model,
)
from inspect_ai.solver import generate, system_message, use_tools
from inspect_ai.tool import tool

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
REPLY = "It is three. " + "Tea is good. " * 30


class Counter:
    def encode(self, *_args, **_options):
        return [1]

    encode_ordinary = encode


@tool
def add():
    async def execute(x: int, y: int):
        """Add two numbers.

        Args:
            x: The first.
            y: The second.
        """
        return str(x + y)

    return execute


tiktoken.get_encoding = tiktoken.encoding_for_model = lambda _name: Counter()
MODEL = "mockllm/model"
outputs = [
    ModelOutput.for_tool_call(MODEL, "add", {"x": 1, "y": 2}),
    ModelOutput.from_content(MODEL, REPLY),
] * 2
long = [ContentText(text="Please tell me about tea. " * 40), ContentImage(image=PIXEL)]
samples = [
    Sample(id="s1", input="What is 1+2?", target="3"),
    Sample(id=2, input=[ChatMessageSystem(content="Be brief."), ChatMessageUser(content=long)]),
]
task = Task(
    name="kindness",
    dataset=samples,
    solver=[system_message("Be kind."), use_tools(add()), generate()],
)
run(task, model=get_model(MODEL, custom_outputs=outputs), log_dir="logs", display="none")
