# Adjusted p-values by stats::p.adjust.
# Usage: Rscript multiplicity.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
set.seed(1995)
families <- list(
  mixed = c(runif(60), rbeta(20, 0.1, 8)),
  ties = c(0.01, 0.01, 0.02, 0.5, 0.5, 1, 1),
  single = 0.04,
  tiny = 10^-seq(1, 300, length.out = 30)
)
methods <- c(bonferroni = "bonferroni", holm = "holm", hochberg = "hochberg", bh = "BH", by = "BY")
rows <- do.call(rbind, lapply(names(families), function(name) {
  p <- families[[name]]
  adjusted <- lapply(methods, function(method) p.adjust(p, method))
  data.frame(family = name, p = p, adjusted)
}))
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
