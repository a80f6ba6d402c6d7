# Overdispersion of shares by the moments of explicit beta-binomial probabilities, and uniroot.
# Usage: Rscript invariance.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
log_mass <- function(x, m, a, b) lchoose(m, x) + lbeta(x + a, m - x + b) - lbeta(a, b)
moments <- function(m, mu, phi) {
  x <- 0:m
  s <- (1 - phi) / phi
  mass <- if (phi < 1e-6) dbinom(x, m, mu) else exp(log_mass(x, m, mu * s, (1 - mu) * s))
  sapply(2:4, function(j) sum(mass * (x / m - mu)^j))
}
at <- function(phi, k, m) {
  p <- k / m
  w <- 1 / (phi + (1 - phi) / m)
  mu <- sum(w * p) / sum(w)
  q <- sum(w * (p - mu)^2) / (mu * (1 - mu))
  v <- sapply(m, moments, mu = mu, phi = phi)
  ratio <- phi * (1 - mu) / mu
  log_variance <- function(t, size) log(t * (1 - t) / size + ratio * t^2 * (1 - 1 / size))
  step <- 1e-5 * mu
  slope <- (log_variance(mu + step, m) - log_variance(mu - step, m)) / (2 * step)
  pull <- sum(slope) / sum(1 / v[1, ])
  spread <- sum(v[3, ] / v[1, ]^2 - 1 - 2 * pull * v[2, ] / v[1, ]^2 + pull^2 / v[1, ])
  list(q = q, mu = mu, cv = sqrt(ratio), df = 2 * (length(k) - 1)^2 / spread)
}
tables <- list(
  common = list(k = c(30, 55, 12, 71, 44, 20), m = c(100, 150, 90, 120, 160, 80)),
  rare = list(k = c(1, 9, 0, 14, 2, 5, 0, 3), m = c(200, 260, 150, 310, 180, 240, 90, 400)),
  many = list(k = c(5, 8, 3, 9, 20, 6, 7, 2, 15, 4, 0, 10), m = rep(60, 12))
)
one <- function(name) {
  k <- tables[[name]]$k
  m <- tables[[name]]$m
  rank <- length(k) - 1
  probability <- function(phi) with(at(phi, k, m), pchisq(df * q / rank, df))
  first_root <- function(f) {
    if (f(1e-9) <= 0) return(0)
    grid <- 10^seq(-7, -0.01, length.out = 200)
    up <- which(sapply(grid, f) < 0)[1]
    if (is.na(up)) return(1)
    uniroot(f, c(c(1e-9, grid)[up], grid[up]), tol = 1e-13)$root
  }
  cv <- function(phi) switch(as.character(phi), "0" = 0, "1" = sqrt((1 - mean(k / m)) / mean(k / m)),
                             at(phi, k, m)$cv)
  middle <- first_root(function(phi) at(phi, k, m)$q - rank)
  low <- first_root(function(phi) probability(phi) - 0.95)
  high <- first_root(function(phi) probability(phi) - 0.05)
  data.frame(table = name, k = k, n = m, estimate = cv(middle), low = cv(low),
             high = cv(high), prevalence = at(middle, k, m)$mu)
}
rows <- do.call(rbind, lapply(names(tables), one))
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
