-- Numbers headings, figures, tables and equations and resolves @fig- @tbl- @sec- @eq- references
-- the way Quarto does. What follows the references (::: {#refs}) is an appendix: its headings bear
-- letters. Used when pandoc renders the paper without Quarto; runs before citeproc.

local NAMES = { fig = 'Figure', tbl = 'Table', sec = 'Section', eq = 'Equation' }
local NBSP = '\u{a0}'
local is_html = FORMAT:match('html') ~= nil

local numbers = {}
local counts = { fig = 0, tbl = 0, eq = 0 }
local section = {}
local in_appendix = false

local function kind_of(identifier)
  local kind = identifier:match('^(%a+)%-')
  return NAMES[kind] and kind or nil
end

local function next_number(kind, identifier)
  counts[kind] = counts[kind] + 1
  numbers[identifier] = tostring(counts[kind])
  return numbers[identifier]
end

local function number_heading(header)
  if not header.classes:includes('unnumbered') then
    section[header.level] = (section[header.level] or 0) + 1
    for level = header.level + 1, 6 do section[level] = nil end
    local parts = {}
    for level = 1, header.level do parts[level] = tostring(section[level] or 0) end
    if in_appendix then parts[1] = string.char(64 + section[1]) end
    numbers[header.identifier] = table.concat(parts, '.')
    if is_html then
      local label = pandoc.Span(numbers[header.identifier], { class = 'header-section-number' })
      header.content:insert(1, pandoc.Space())
      header.content:insert(1, label)
    end
  end
  if is_html then header.level = header.level + 1 end -- the title is the only h1
  return header
end

local function label_caption(float, kind)
  local label = NAMES[kind] .. NBSP .. next_number(kind, float.identifier) .. ':'
  local first = float.caption.long[1]
  if first == nil then
    float.caption.long = { pandoc.Plain { pandoc.Strong(label) } }
  else
    first.content:insert(1, pandoc.Space())
    first.content:insert(1, pandoc.Strong(label))
  end
end

local function number_figure(figure)
  if kind_of(figure.identifier) == 'fig' then label_caption(figure, 'fig') end
  return figure
end

local function number_table(tbl)
  local title = pandoc.utils.stringify(tbl.caption.long)
  if kind_of(tbl.identifier) == 'tbl' then label_caption(tbl, 'tbl') end
  if not is_html then return tbl, false end
  if title == '' then title = 'Table' end
  local attributes = { { 'role', 'region' }, { 'tabindex', '0' }, { 'aria-label', title } }
  return pandoc.Div({ tbl }, pandoc.Attr('', { 'table-scroll' }, attributes)), false
end

local function begin_appendix(div)
  if div.identifier ~= 'refs' then return nil end
  in_appendix, section = true, {}
  if is_html then return nil end
  return { div, pandoc.RawBlock('typst', '#counter(heading).update(0)\n'
    .. '#set heading(numbering: "A.1")\n'
    .. '#show heading.where(level: 1): it => { place.flush(); it }') }, false
end

local function equation(math, identifier)
  local number = next_number('eq', identifier)
  if is_html then
    local tag = pandoc.Span('(' .. number .. ')', { class = 'equation-number' })
    return { pandoc.Span({ math, tag }, { id = identifier, class = 'equation' }) }
  end
  return {
    pandoc.RawInline('typst', '#numbered("' .. number .. '")['),
    math,
    pandoc.RawInline('typst', '] <' .. identifier .. '>'),
  }
end

local function number_equations(paragraph)
  local old, new, i = paragraph.content, pandoc.Inlines {}, 1
  while i <= #old do
    local item, after = old[i], i + 1
    if item.t == 'Math' and item.mathtype == 'DisplayMath' then
      if old[after] and old[after].t == 'Space' then after = after + 1 end
      local label = old[after] and old[after].t == 'Str' and old[after].text or ''
      local identifier, rest = label:match('^{#(eq%-[%w_-]+)}(.*)$')
      if identifier then
        new:extend(equation(item, identifier))
        if rest ~= '' then new:insert(pandoc.Str(rest)) end
        i = after
        item = nil
      end
    end
    if item then new:insert(item) end
    i = i + 1
  end
  paragraph.content = new
  return paragraph
end

local function reference(citation)
  local number = numbers[citation.id]
  if not number then
    error('@' .. citation.id .. ' names nothing that has a number '
      .. '(a figure, a table, a numbered heading or an equation)')
  end
  local text = pandoc.Inlines {}
  if #citation.prefix > 0 then
    text:extend(citation.prefix)
    text:insert(pandoc.Str(NBSP))
  elseif citation.mode ~= 'SuppressAuthor' then
    local name = number:match('^%a') and 'Appendix' or NAMES[kind_of(citation.id)]
    text:insert(pandoc.Str(name .. NBSP))
  end
  text:insert(pandoc.Str(number))
  return pandoc.Link(text, '#' .. citation.id, '', { class = 'crossref' })
end

local function resolve(cite)
  if not kind_of(cite.citations[1].id) then return nil end
  local links = pandoc.Inlines {}
  for index, citation in ipairs(cite.citations) do
    if index > 1 then links:extend { pandoc.Str(','), pandoc.Space() } end
    links:insert(reference(citation))
  end
  return links
end

function Pandoc(doc)
  doc = doc:walk {
    traverse = 'topdown',
    Header = number_heading,
    Div = begin_appendix,
    Figure = number_figure,
    Table = number_table,
    Para = number_equations,
  }
  return doc:walk { Cite = resolve }
end
