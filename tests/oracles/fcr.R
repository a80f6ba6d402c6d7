# Intervals of parameters selected by Benjamini-Hochberg: p.adjust, qnorm, and prop.test.
# Usage: Rscript fcr.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
set.seed(2005)
families <- lapply(c(a = 40, b = 12), function(size) {
  estimate <- round(rnorm(size, ifelse(seq_len(size) <= size / 4, 3, 0), 1), 4)
  error <- round(runif(size, 0.5, 1.2), 3)
  n <- sample(20:400, size, replace = TRUE)
  data.frame(estimate = estimate, standard_error = error, k = rbinom(size, n, 0.3), n = n)
})
rows <- do.call(rbind, lapply(names(families), function(name) {
  family <- families[[name]]
  p <- 2 * pnorm(-abs(family$estimate / family$standard_error))
  selected <- p.adjust(p, "BH") <= 0.1
  level <- 1 - sum(selected) * 0.1 / nrow(family)
  reach <- qnorm((1 + level) / 2) * family$standard_error
  score <- t(mapply(function(k, n) prop.test(k, n, conf.level = level, correct = FALSE)$conf.int,
                    family$k, family$n))
  data.frame(family = name, family, p = p, selected = as.integer(selected), level = level,
             low = family$estimate - reach, high = family$estimate + reach,
             score_low = score[, 1], score_high = score[, 2])
}))
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
