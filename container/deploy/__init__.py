"""`deploy`: an endpoint on SageMaker made, changed and removed.

What is to be is decided in pure functions (options, plan); what is asked of AWS stands apart.
"""
