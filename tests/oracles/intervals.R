# Wilson (prop.test without continuity correction) and Clopper-Pearson (binom.test) intervals.
# Usage: Rscript intervals.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
grid <- expand.grid(n = c(1, 2, 7, 30, 251, 10000, 308210), share = c(0, 1e-4, 0.02, 0.3, 0.5, 0.97, 1),
                    conf_level = c(0.8, 0.95, 0.999))
grid$k <- round(grid$n * grid$share)
grid$share <- NULL
grid <- unique(grid)
limits <- t(mapply(function(k, n, level) {
  score <- suppressWarnings(prop.test(k, n, p = 0.5, conf.level = level, correct = FALSE)$conf.int)
  exact <- binom.test(k, n, conf.level = level)$conf.int
  c(score[1], score[2], exact[1], exact[2])
}, grid$k, grid$n, grid$conf_level))
colnames(limits) <- c("wilson_low", "wilson_high", "exact_low", "exact_high")
rows <- cbind(grid, limits)
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
