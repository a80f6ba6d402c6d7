# Varimax by stats::varimax, congruence by psych::factor.congruence, eigenvalues by eigen.
# Usage: Rscript rotation.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20251201)
one <- function(name, variables, axes, rows) {
  x <- matrix(rnorm(rows * axes), rows) %*% matrix(runif(axes * variables) > 0.6, axes) +
    matrix(rnorm(rows * variables), rows)
  values <- eigen(cor(x))
  loadings <- values$vectors[, 1:axes] %*% diag(sqrt(values$values[1:axes]))
  plain <- unclass(stats::varimax(loadings, normalize = FALSE, eps = 1e-14)$loadings)
  kaiser <- unclass(stats::varimax(loadings, normalize = TRUE, eps = 1e-14)$loadings)
  congruence <- diag(psych::factor.congruence(plain, kaiser, digits = 12))
  cell <- expand.grid(variable = seq_len(variables), axis = seq_len(axes))
  data.frame(case = name, cell, loading = c(loadings), plain = c(plain), kaiser = c(kaiser),
             congruence = congruence[cell$axis], eigenvalue = values$values[cell$axis])
}
rows <- rbind(one("three", 12, 3, 200), one("two", 7, 2, 90))
write.csv(format(rows, digits = 15, trim = TRUE), output, row.names = FALSE, quote = FALSE)
