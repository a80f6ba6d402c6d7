# Marginal and joint independence of multiple responses, by the matrices themselves: the multinomial
# covariance of all response patterns (Bilder & Loughin 2004, appendix) for plain observations, and
# survey::svyby / svymean for clusters and weights.  Pearson statistics by stats::chisq.test.
# The data are simulated.  Usage: Rscript pick_any.R OUTPUT.csv
suppressPackageStartupMessages(library(survey))
output <- commandArgs(trailingOnly = TRUE)[1]
set.seed(19990936)
n <- 240
cluster <- sample(1:45, n, replace = TRUE)
taste <- rnorm(45)[cluster]
data <- data.frame(
  cluster, weight = round(runif(n, 0.5, 4), 3), choice = 1 + (rbinom(45, 2, 0.5)[cluster] + rbinom(n, 1, 0.3)) %% 3,
  y1 = rbinom(n, 1, plogis(taste - 0.5)), y2 = rbinom(n, 1, plogis(taste)), y3 = rbinom(n, 1, 0.3),
  z1 = rbinom(n, 1, plogis(taste / 2)), z2 = rbinom(n, 1, plogis(0.5 - taste))
)
y <- c("y1", "y2", "y3")
z <- c("z1", "z2")
second_order <- function(statistic, df, mean_effect, s) {
  squares <- max(sum(s * t(s)), (df * mean_effect)^2 / df)
  df2 <- (df * mean_effect)^2 / squares
  x2 <- statistic * df * mean_effect / squares
  c(statistic = statistic, effect = mean_effect, statistic2 = x2, df2 = df2,
    log10_p = pchisq(x2, df2, lower.tail = FALSE, log.p = TRUE) / log(10))
}
pearson <- function(a, b, w) {
  table <- xtabs(w * length(a) / sum(w) ~ a + b)
  unname(suppressWarnings(chisq.test(table, correct = FALSE))$statistic)
}

# Patterns of 0/1 answers, and the share of observations in each.
patterns <- function(k) as.matrix(expand.grid(rep(list(0:1), k)))
shares <- function(answers, patterns) {
  key <- apply(patterns, 1, paste, collapse = "")
  as.vector(table(factor(apply(answers, 1, paste, collapse = ""), levels = key))) / nrow(answers)
}

marginal_plain <- function() {
  g <- t(patterns(length(y)))
  groups <- split(data, data$choice)
  a <- sapply(groups, nrow) / n
  tau <- lapply(groups, function(part) shares(part[y], t(g)))
  v <- matrix(0, length(a) * ncol(g), length(a) * ncol(g))
  for (i in seq_along(a)) {
    own <- (i - 1) * ncol(g) + seq_len(ncol(g))
    v[own, own] <- (diag(tau[[i]]) - tcrossprod(tau[[i]])) / a[i]
  }
  p <- colMeans(data[y])
  h <- kronecker(diag(length(a)) - rep(1, length(a)) %*% t(a), diag(length(y)))
  hg <- h %*% kronecker(diag(length(a)), g)
  s <- diag(1 / as.vector(kronecker(1 / a, p * (1 - p)))) %*% hg %*% v %*% t(hg)
  x2 <- sum(sapply(y, function(item) pearson(data$choice, data[[item]], rep(1, n))))
  second_order(x2, (length(a) - 1) * length(y), 1, s)
}

joint_plain <- function() {
  all <- patterns(length(y) + length(z))
  tau <- shares(data[c(y, z)], all)
  first <- all[, seq_along(y)]
  second <- all[, length(y) + seq_along(z)]
  pa <- colSums(first * tau)
  pb <- colSums(second * tau)
  f <- t(sapply(seq_len(nrow(all)), function(k) {
    kronecker(first[k, ], second[k, ]) - kronecker(pa, second[k, ]) - kronecker(first[k, ], pb)
  }))
  sigma <- t(f) %*% (diag(tau) - tcrossprod(tau)) %*% f
  s <- diag(1 / kronecker(pa * (1 - pa), pb * (1 - pb))) %*% sigma
  x2 <- sum(sapply(y, function(a) sapply(z, function(b) pearson(data[[a]], data[[b]], rep(1, n)))))
  second_order(x2, length(y) * length(z), 1, s)
}

design <- svydesign(~cluster, weights = ~weight, data = data)

marginal_design <- function(items = y) {
  w <- data$weight
  a <- as.vector(tapply(w, data$choice, sum)) / sum(w)
  means <- svyby(reformulate(items), ~choice, design, svymean, covmat = TRUE)
  p_in <- as.matrix(as.data.frame(means)[items])
  order <- as.vector(outer(items, means$choice, function(item, group) paste(group, item, sep = ":")))
  covariance <- vcov(means)
  if (length(items) == 1) {
    rownames(covariance) <- colnames(covariance) <- order
  }
  covariance <- covariance[order, order]
  p <- as.vector(a %*% p_in)
  h <- kronecker(diag(length(a)) - rep(1, length(a)) %*% t(a), diag(length(items)))
  s <- n * diag(as.vector(kronecker(a, 1 / (p * (1 - p))))) %*% h %*% covariance %*% t(h)
  within <- sweep(p_in * (1 - p_in), 2, p * (1 - p), "/")
  plain <- h %*% diag(as.vector(t(within)) / rep(a, each = length(items))) %*% t(h)
  plain <- diag(rep(a, each = length(items))) %*% plain
  df <- (length(a) - 1) * length(items)
  effect <- sum(diag(s)) / sum(diag(plain))
  x2 <- sum(sapply(items, function(item) pearson(data$choice, data[[item]], w)))
  if (length(items) == 1) {
    spread <- df * sum(s * t(s)) / sum(plain * t(plain))
    df2 <- min(df, (df * effect)^2 / spread)
    x2_2 <- x2 * df2 / (df * effect)
    return(c(statistic = x2, effect = effect, statistic2 = x2_2, df2 = df2,
             log10_p = pchisq(x2_2, df2, lower.tail = FALSE, log.p = TRUE) / log(10)))
  }
  second_order(x2, df, effect, s)
}

joint_design <- function() {
  w <- data$weight
  p <- colSums(w * data[c(y, z)]) / sum(w)
  pairs <- expand.grid(b = z, a = y, stringsAsFactors = FALSE)
  terms <- mapply(function(a, b) {
    (data[[a]] - p[[a]]) * (data[[b]] - p[[b]]) / sqrt(p[[a]] * (1 - p[[a]]) * p[[b]] * (1 - p[[b]]))
  }, pairs$a, pairs$b)
  held <- update(design, terms = terms)
  means <- svymean(~terms, held)
  r <- coef(means)
  s <- n * vcov(means)
  plain <- colSums(w * terms^2) / sum(w) - r^2
  x2 <- sum(mapply(function(a, b) pearson(data[[a]], data[[b]], w), pairs$a, pairs$b))
  second_order(x2, length(r), sum(diag(s)) / sum(plain), s)
}

results <- rbind(
  marginal_plain = marginal_plain(), joint_plain = joint_plain(),
  marginal_design = marginal_design(), joint_design = joint_design(),
  item_1 = marginal_design("y1"), item_2 = marginal_design("y2"), item_3 = marginal_design("y3")
)
rows <- rbind(
  data.frame(test = rep(rownames(results), each = ncol(results)), quantity = colnames(results), row = 0,
             value = as.vector(t(results))),
  data.frame(test = paste0("item_", 1:3), quantity = "survey_ndf", row = 0, value = sapply(y, function(item) {
    svychisq(as.formula(paste("~choice +", item)), design, statistic = "F")$parameter[["ndf"]]
  })),
  data.frame(test = "data", quantity = rep(names(data), each = n), row = seq_len(n) - 1,
             value = unlist(data))
)
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
