"""The order of the GPU queue in simulated time, beside other orders.

The policy of ``generation.scheduling`` is imported as it is. The rest lies here, because the
product runs none of it: it measures.
"""
