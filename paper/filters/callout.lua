-- Callouts (::: {.callout-note}) for pandoc without Quarto. The first heading inside, or the
-- title attribute, is the callout's title; otherwise its kind is.

local KINDS = { note = 'Note', tip = 'Tip', warning = 'Warning', caution = 'Caution',
  important = 'Important' }

local function kind_of(div)
  for _, class in ipairs(div.classes) do
    local kind = class:match('^callout%-(%a+)$')
    if kind and KINDS[kind] then return kind end
  end
end

local function take_title(div, kind)
  local first = div.content[1]
  if first and first.t == 'Header' then
    div.content:remove(1)
    return first.content
  end
  return pandoc.Inlines(div.attributes.title or KINDS[kind])
end

function Div(div)
  local kind = kind_of(div)
  if not kind then return nil end
  local title = pandoc.Para { pandoc.Strong(take_title(div, kind)) }
  div.content:insert(1, title)
  if FORMAT:match('html') then
    return pandoc.Div(div.content, { class = 'callout callout-' .. kind, role = 'note' })
  end
  div.content:insert(1, pandoc.RawBlock('typst', '#callout("' .. kind .. '")['))
  div.content:insert(pandoc.RawBlock('typst', ']'))
  return div.content
end
