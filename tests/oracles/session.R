# Versions with which the CSV files of this folder were written.
# Usage: Rscript session.R OUTPUT.txt
invisible(lapply(c("lme4", "psych", "survey", "survival", "vcd", "vegan"), loadNamespace))
writeLines(capture.output(print(sessionInfo(), locale = FALSE)), commandArgs(trailingOnly = TRUE)[1])
