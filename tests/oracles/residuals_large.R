# Standardised residuals by stats::chisq.test of tables with counts up to 1e7.
# Usage: Rscript residuals_large.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
set.seed(19730301)
rows <- do.call(rbind, lapply(1:6, function(number) {
  mean <- 10^runif(24, number - 1, number + 1)
  counts <- matrix(pmin(round(mean), 1e7), nrow = 4)
  counts[2, 3] <- if (number == 6) 1e7 else counts[2, 3]
  test <- suppressWarnings(chisq.test(counts, correct = FALSE))
  data.frame(table = number, row = c(row(counts)) - 1, column = c(col(counts)) - 1,
             count = c(counts), stdres = c(test$stdres))
}))
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
