"""What the answers of networks that find things have in common: the things that are asked for."""

from model.instances.instances import Instances
from serve.answers.answer import Asked, Size
from serve.instances.choice import choice_of


class InstancesAnswer:
    """See `serve.answers.answer.Answer`; its `write` differs.

    Raises:
        BadOption: a class or a numbering is asked for that is not there.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._choice = choice_of(asked.options, asked.labels)

    def check(self, size: Size) -> None:
        """Any fits: a thing takes two numbers a row of its box, or a few more."""

    def read(self, prediction: Instances) -> Instances:
        """All that was asked for."""
        return self._choice.of(prediction)
