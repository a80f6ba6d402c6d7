# Two-sided p-values of Student's t on the log10 scale, by stats::pt(log.p).
# Usage: Rscript corrected_student.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
rows <- expand.grid(t = c(0, 0.3, 2, 8, 30, 36, 40, 80, 250, 1e4), df = c(1, 4, 30, 300, 5000, 1e6))
rows$log10_p <- pmin(0, pt(rows$t, rows$df, lower.tail = FALSE, log.p = TRUE) + log(2)) / log(10)
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
