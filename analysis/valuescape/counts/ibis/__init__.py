"""Label tables larger than one machine to sufficient statistics, as Ibis expressions.

The same expressions run in DuckDB (a folder of Parquet files larger than memory), in Spark, and in
any other engine that Ibis speaks to. Every statistic is made of whole numbers, so that results are
those of :mod:`valuescape.counts.local` to the last digit.
"""
