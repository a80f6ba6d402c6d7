# Cohen's kappa by vcd::Kappa and psych::cohen.kappa; Fleiss, Krippendorff and Gwet are checked
# against published tables.
# Usage: Rscript agreement.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
set.seed(1960)
draw <- function(units, categories, noise) {
  first <- sample(categories, units, replace = TRUE, prob = seq_len(categories))
  second <- ifelse(runif(units) < noise, sample(categories, units, replace = TRUE), first)
  data.frame(first = first, second = second)
}
cases <- list(three = draw(80, 3, 0.4), rare = draw(120, 2, 0.1), many = draw(200, 9, 0.6))
rows <- do.call(rbind, lapply(names(cases), function(name) {
  case <- cases[[name]]
  levels <- sort(unique(unlist(case)))
  counts <- table(factor(case$first, levels), factor(case$second, levels))
  data.frame(
    case = name, case,
    vcd = unname(vcd::Kappa(counts)$Unweighted["value"]),
    psych = psych::cohen.kappa(as.matrix(case))$kappa
  )
}))
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
