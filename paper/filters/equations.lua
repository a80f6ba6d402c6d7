-- In the PDF each formula carries its TeX source as alternative text, which screen readers speak.
-- Used when pandoc renders the paper without Quarto; runs last.

local function quoted(text)
  return '"' .. text:gsub('%s+', ' '):gsub('[\\"]', '\\%0') .. '"'
end

function Math(math)
  if not FORMAT:match('typst') then return nil end
  local body = pandoc.write(pandoc.Pandoc { pandoc.Plain { math } }, 'typst'):gsub('%s+$', '')
  local block = math.mathtype == 'DisplayMath' and 'block: true, ' or ''
  return pandoc.RawInline('typst',
    '#math.equation(' .. block .. 'alt: ' .. quoted(math.text) .. ', ' .. body .. '.body);')
end
