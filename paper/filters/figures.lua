-- Under each figure drawn by the pipeline, the HTML says where its data are and what drew it.
-- Alternative text comes from fig-alt. Used by both renderers (in Quarto: at pre-ast).

local is_html = FORMAT:match('html') ~= nil
local without_quarto = quarto == nil

local function source_line(name)
  local separator = { pandoc.Space(), pandoc.Str('·'), pandoc.Space() }
  local line = pandoc.Inlines { pandoc.Str('Data:'), pandoc.Space() }
  line:insert(pandoc.Link('figures/' .. name .. '.csv', '../figures/' .. name .. '.csv'))
  line:extend(separator)
  line:insert(pandoc.Link('script', '../analysis/valuescape/stages/draw.py'))
  line:extend(separator)
  line:extend(pandoc.Inlines('drawn by stage '))
  line:insert(pandoc.Link(pandoc.Code('draw'), '../dvc.yaml'))
  return pandoc.Div({ pandoc.Plain(line) }, { class = 'figure-source' })
end

local function image_of(block)
  local holder = block
  if block.t == 'Figure' then holder = block.content[1] elseif block.t ~= 'Para' then return nil end
  if holder and holder.content and #holder.content == 1 and holder.content[1].t == 'Image' then
    return holder.content[1]
  end
end

local function add_sources(blocks)
  local result = pandoc.Blocks {}
  for _, block in ipairs(blocks) do
    result:insert(block)
    local image = image_of(block)
    local name = image and image.src:match('^%.%./figures/([%w_-]+)%.svg$')
    if name then result:insert(source_line(name)) end
  end
  return result
end

local function quoted(text)
  return '"' .. text:gsub('[\\"]', '\\%0') .. '"'
end

local function typst_image(image)
  local width = image.attributes.width or '100%'
  return pandoc.RawInline('typst', '#image(' .. quoted(image.src) .. ', width: ' .. width
    .. ', alt: ' .. quoted(image.attributes['fig-alt'] or '') .. ')')
end

local function html_image(image)
  image.attributes.alt = image.attributes['fig-alt']
  image.attributes['fig-alt'] = nil
  return image
end

local filters = {}
if is_html then table.insert(filters, { Blocks = add_sources }) end
if without_quarto then
  table.insert(filters, { Image = is_html and html_image or typst_image })
end
return filters
