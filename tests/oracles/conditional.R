# Contexts against items within strata: stats::mantelhaen.test for single items in strata of one size,
# and the matrices written out with the stratified, clustered variance of survey::svytotal for
# weights and clusters.  The data are simulated.  Usage: Rscript conditional.R OUTPUT.csv
suppressPackageStartupMessages(library(survey))
output <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20020200)
size <- 60
strata <- 4
n <- size * strata
stratum <- rep(1:strata, each = size)
cluster <- 100 * stratum + sample(1:22, n, replace = TRUE)
taste <- ave(rnorm(n), cluster)
lean <- c(-1, 0, 0.5, 1)[stratum]
data <- data.frame(
  stratum, cluster, weight = round(runif(n, 0.5, 4), 3),
  choice = 1 + (rbinom(n, 2, plogis(lean)) + (cluster %% 2)) %% 3,
  a1 = rbinom(n, 1, plogis(lean)), a2 = rbinom(n, 1, plogis(taste - lean)),
  y1 = rbinom(n, 1, plogis(taste - 0.5 + lean)), y2 = rbinom(n, 1, plogis(taste)), y3 = rbinom(n, 1, 0.3)
)
items <- c("y1", "y2", "y3")

cmh <- function(factor, item) {
  found <- mantelhaen.test(table(data[[factor]], data[[item]], data$stratum), correct = FALSE)
  c(statistic = unname(found$statistic), df = unname(found$parameter))
}

inverse_root <- function(v) {
  e <- eigen(v, symmetric = TRUE)
  kept <- e$values > 1e-9 * max(e$values)
  e$vectors[, kept, drop = FALSE] %*% diag(1 / sqrt(e$values[kept]), sum(kept))
}

# One factor (indicator columns x) against the items: scaled excess, terms of its error, plain covariance.
pieces <- function(x, choice) {
  w <- data$weight
  means <- function(v) ave(v * w, stratum, FUN = sum) / ave(w, stratum, FUN = sum)
  xc <- apply(x, 2, function(column) column - means(column))
  lapply(items, function(item) {
    y <- data[[item]]
    p <- means(y)
    excess <- colSums(w * xc * (y - p))
    v <- sum(w) / n * crossprod(xc, w * p * (1 - p) * xc)
    root <- inverse_root(v)
    if (choice) {
      fit <- lm(y ~ base::factor(stratum) + x, weights = w)
      terms <- xc * residuals(fit)
      fitted <- fitted(fit)
      plain <- sum(w) / n * crossprod(xc, w * pmax(fitted * (1 - fitted), 0) * xc)
      terms <- apply(terms, 2, function(column) column - means(column))
    } else {
      terms <- xc * (y - p)
      terms <- apply(terms, 2, function(column) column - means(column))
      plain <- sum(w) / n * crossprod(terms, w * terms)
    }
    list(scaled = t(root) %*% excess, terms = terms %*% root, plain = t(root) %*% plain %*% root)
  })
}

test <- function(parts) {
  terms <- do.call(cbind, lapply(parts, `[[`, "terms"))
  design <- svydesign(~cluster, strata = ~stratum, weights = ~weight, data = data)
  s <- vcov(svytotal(terms, design))
  plain <- sum(sapply(parts, function(part) sum(diag(part$plain))))
  statistic <- sum(sapply(parts, function(part) sum(part$scaled^2)))
  df <- ncol(terms)
  effect <- sum(diag(s)) / plain
  squares <- max(sum(s * t(s)), (df * effect)^2 / df)
  df2 <- (df * effect)^2 / squares
  x2 <- statistic * df * effect / squares
  c(statistic = statistic, df = df, effect = effect, statistic2 = x2, df2 = df2,
    log10_p = pchisq(x2, df2, lower.tail = FALSE, log.p = TRUE) / log(10))
}

indicators <- sapply(1:3, function(k) as.numeric(data$choice == k))
designed <- rbind(
  choice = test(pieces(indicators, TRUE)),
  several = test(c(pieces(as.matrix(data["a1"]), FALSE), pieces(as.matrix(data["a2"]), FALSE)))
)
single <- do.call(rbind, lapply(c("choice", "a1", "a2"), function(f) {
  do.call(rbind, lapply(items, function(item) {
    found <- cmh(f, item)
    data.frame(test = paste(f, item, sep = "_"), quantity = names(found), row = 0, value = unname(found))
  }))
}))
rows <- rbind(
  single,
  data.frame(test = rep(rownames(designed), each = ncol(designed)), quantity = colnames(designed), row = 0,
             value = as.vector(t(designed))),
  data.frame(test = "data", quantity = rep(names(data), each = n), row = seq_len(n) - 1,
             value = unlist(data))
)
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
