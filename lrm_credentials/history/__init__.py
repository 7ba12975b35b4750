"""Bringing in what was issued elsewhere: plain functions, from two files to records.

`sheet` and `archive` read the files, `known` looks up what is here, `rules` say what is
wrong with a row, `plan` puts these together, `write` carries a plan out.
"""
