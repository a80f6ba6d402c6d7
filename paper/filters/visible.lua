-- Leaves out what is for another format (::: {.content-visible when-format="html"}), as Quarto does.
-- Used when pandoc renders the paper without Quarto; runs first.

function Div(div)
  if not div.classes:includes('content-visible') then return nil end
  local wanted = div.attributes['when-format']
  if not wanted then error('content-visible: name a format by when-format') end
  return FORMAT:match(wanted) and div.content or {}
end
