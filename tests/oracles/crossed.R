# Variance components of crossed designs in which all cells are filled alike: lme4's REML, which is
# the analysis of variance there as long as no component is at zero.
# Usage: Rscript crossed.R OUTPUT.csv
output <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20251201)
design <- function(name, prompts, runs, copies, indicator) {
  rows <- expand.grid(copy = seq_len(copies), run = seq_len(runs), prompt = seq_len(prompts))
  eta <- 0.4 + rnorm(prompts, 0, 0.25)[rows$prompt] + rnorm(runs, 0, 0.15)[rows$run]
  y <- if (indicator) as.numeric(runif(nrow(rows)) < pmin(pmax(eta, 0.02), 0.98))
       else eta + rnorm(nrow(rows), 0, 0.3)
  fit <- suppressWarnings(lme4::lmer(
    y ~ 1 + (1 | prompt) + (1 | run),
    data = cbind(rows, y = y),
    control = lme4::lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12))
  ))
  found <- as.data.frame(lme4::VarCorr(fit))
  component <- function(group) found$vcov[found$grp == group]
  data.frame(design = name, prompt = rows$prompt, run = rows$run, y = y,
             v_prompt = component("prompt"), v_run = component("run"),
             v_residual = component("Residual"))
}
rows <- rbind(
  design("numbers", 30, 6, 1, FALSE),
  design("indicators", 40, 8, 1, TRUE),
  design("read twice", 15, 4, 2, FALSE)
)
write.csv(format(rows, digits = 17, trim = TRUE), output, row.names = FALSE, quote = FALSE)
