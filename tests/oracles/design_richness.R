# Sample-based rarefaction and the bias-corrected Chao estimate, by package vegan.
# Usage: Rscript design_richness.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
suppressPackageStartupMessages(library(vegan))
data(BCI)
data(dune)
set.seed(1949)
rare <- matrix(rbinom(40 * 60, 1, rep(rbeta(60, 0.3, 6), each = 40)), 40)
no_pairs <- rbind(diag(5), matrix(0, 3, 5))
no_pairs <- cbind(no_pairs, rep(1, 8))
sites <- list(BCI = as.matrix(BCI), dune = as.matrix(dune), rare = rare, no_pairs = no_pairs)
rows <- do.call(rbind, lapply(names(sites), function(name) {
  present <- (sites[[name]] > 0) * 1
  present <- present[, colSums(present) > 0]
  curve <- specaccum(present, method = "exact")$richness
  pool <- specpool(present, smallsample = TRUE)
  abundance <- estimateR(colSums(present))
  data.frame(case = name, n_units = nrow(present), m = seq_along(curve), rarefied = curve,
             specpool_chao = pool$chao, specpool_se = pool$chao.se,
             estimate_chao1 = abundance[["S.chao1"]], estimate_chao1_se = abundance[["se.chao1"]],
             incidence = paste(colSums(present), collapse = " "))
}))
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
