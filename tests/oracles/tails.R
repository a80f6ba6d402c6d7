# Far tails of the chi-square and normal distributions on the log scale.
# Usage: Rscript tails.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
grid <- expand.grid(statistic = c(0, 0.1, 1, 3.84, 25, 300, 700, 1400, 5000, 2e4, 1e6), df = c(1, 2, 3.5, 10, 120, 900))
grid$chi2 <- pchisq(grid$statistic, grid$df, lower.tail = FALSE, log.p = TRUE) / log(10)
grid$normal <- pnorm(sqrt(grid$statistic), lower.tail = FALSE, log.p = TRUE) / log(10)
write.csv(format(grid, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
