# Pearson tests and standardised residuals of two-way tables, by stats::chisq.test.
# Usage: Rscript contingency.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20150423)
tables <- list(
  gender_party = rbind(c(762, 327, 468), c(484, 239, 477)),
  berkeley = margin.table(UCBAdmissions, c(2, 1)),
  sparse = matrix(c(1, 0, 3, 2, 5, 1, 0, 2, 4, 1, 1, 9), nrow = 3),
  large = matrix(rpois(20, 5e5 * rexp(20)), nrow = 4),
  skewed = rbind(c(9999000, 700), c(250, 90))
)
rows <- do.call(rbind, lapply(names(tables), function(name) {
  counts <- unclass(tables[[name]])
  test <- suppressWarnings(chisq.test(counts, correct = FALSE))
  positive <- counts > 0
  data.frame(
    table = name,
    row = c(row(counts)) - 1,
    column = c(col(counts)) - 1,
    count = c(counts),
    expected = c(test$expected),
    stdres = c(test$stdres),
    statistic = unname(test$statistic),
    df = unname(test$parameter),
    log10_p = pchisq(unname(test$statistic), unname(test$parameter), lower.tail = FALSE,
                     log.p = TRUE) / log(10),
    g_statistic = 2 * sum(counts[positive] * log(counts[positive] / test$expected[positive]))
  )
}))
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
