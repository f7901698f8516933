"""What stands for AWS in the benchmarks, on loopback, and the processes that it and they run in."""
