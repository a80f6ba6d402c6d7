# Exact hypergeometric mid-p from stats::phyper and stats::dhyper on the log scale.
# Usage: Rscript hypergeometric.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
set.seed(1961)
size <- 400
n_total <- round(10^runif(size, 1, 6))
n_context <- pmax(1, round(n_total * rbeta(size, 0.6, 3)))
n_value <- pmax(1, round(n_total * rbeta(size, 0.4, 4)))
k <- rhyper(size, n_value, n_total - n_value, n_context)
shift <- round(rnorm(size, 0, 6))
low <- pmax(0, n_context + n_value - n_total)
k <- pmin(pmax(k + shift, low), pmin(n_context, n_value))
log_add <- function(a, b) pmax(a, b) + log1p(exp(-abs(a - b)))
point <- dhyper(k, n_value, n_total - n_value, n_context, log = TRUE)
above <- phyper(k, n_value, n_total - n_value, n_context, lower.tail = FALSE, log.p = TRUE)
below <- phyper(k - 1, n_value, n_total - n_value, n_context, log.p = TRUE)
greater <- log_add(above, point - log(2))
less <- log_add(below, point - log(2))
greater[above == -Inf] <- (point - log(2))[above == -Inf]
less[below == -Inf] <- (point - log(2))[below == -Inf]
rows <- data.frame(
  k = k, n_context = n_context, n_value = n_value, n_total = n_total,
  greater = greater / log(10), less = less / log(10),
  two_sided = pmin(log(2) + pmin(greater, less), 0) / log(10)
)
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
