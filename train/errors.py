"""What ends a training job, by whose fault; each message is one line.

SageMaker tells the two families apart in a job's FailureReason: ClientError is for whoever started
the job, AlgorithmError for whoever made the image or runs the machine.
"""

from typing import ClassVar


class TrainError(Exception):
    """A training job cannot go on."""

    family: ClassVar[str]


class ClientError(TrainError):
    """The job's hyperparameters, channels or pictures are at fault; a new start fails again."""

    family = "ClientError"


class HyperparameterError(ClientError):
    """A hyperparameter is unknown, missing, out of range or contradicts another one."""


class AlgorithmError(TrainError):
    """Not what the user sent: something that SageMaker lays out is missing, or we are at fault."""

    family = "AlgorithmError"
