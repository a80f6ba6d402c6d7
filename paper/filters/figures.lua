-- Under each figure and table of the pipeline, the HTML links to its data, script and stages, as
-- the stage write notes them in tables/origins.json.
-- Alternative text comes from fig-alt. Used by both renderers (in Quarto: at pre-ast).

local is_html = FORMAT:match('html') ~= nil
local without_quarto = quarto == nil

local function read_origins()
  local file = io.open('tables/origins.json')
  if not file then return {} end
  local text = file:read('a')
  file:close()
  return pandoc.json.decode(text, false)
end

local origins = is_html and read_origins() or {}

local function links(label, paths, folder)
  local line = pandoc.Inlines { pandoc.Str(label), pandoc.Space() }
  for index, path in ipairs(paths) do
    if index > 1 then line:extend { pandoc.Str(','), pandoc.Space() } end
    line:insert(pandoc.Link(path:match('[^/]+/[^/]+$') or path, folder .. path))
  end
  return line
end

local function source_line(name, behind)
  local origin = origins[name] or { data = {}, stages = {} }
  local parts = pandoc.List {}
  if behind then parts:insert(links('Data:', { behind }, '../')) end
  if #origin.data > 0 then
    parts:insert(links(behind and 'from' or 'Data:', origin.data, '../data/'))
  end
  if origin.script then parts:insert(links('script:', { origin.script }, '../analysis/')) end
  local stages = pandoc.Inlines { pandoc.Str 'stages:', pandoc.Space() }
  for index, stage in ipairs(origin.stages) do
    if index > 1 then stages:extend { pandoc.Str(','), pandoc.Space() } end
    stages:insert(pandoc.Link(stage, '../analysis/valuescape/stages/' .. stage .. '.py'))
  end
  if #origin.stages > 0 then parts:insert(stages) end
  parts:insert(pandoc.Inlines { pandoc.Link('pipeline', '../dvc.yaml') })
  local line = pandoc.Inlines {}
  for index, part in ipairs(parts) do
    if index > 1 then line:extend { pandoc.Space(), pandoc.Str('·'), pandoc.Space() } end
    line:extend(part)
  end
  return pandoc.Div({ pandoc.Plain(line) }, { class = 'figure-source' })
end

local function image_of(block)
  local holder = block
  if block.t == 'Figure' then holder = block.content[1] elseif block.t ~= 'Para' then return nil end
  if holder and holder.content and #holder.content == 1 and holder.content[1].t == 'Image' then
    return holder.content[1]
  end
end

local function table_label(block)
  if block.identifier ~= '' then return block.identifier end
  return pandoc.utils.stringify(block.caption.long):match('{#(tbl%-[%w_-]+)')
end

local function add_sources(blocks)
  local result = pandoc.Blocks {}
  for _, block in ipairs(blocks) do
    result:insert(block)
    local image = image_of(block)
    local name = image and image.src:match('^%.%./figures/([%w_-]+)%.svg$')
    if name then result:insert(source_line(name, 'figures/' .. name .. '.csv')) end
    local label = block.t == 'Table' and table_label(block)
    if label and origins[label] then result:insert(source_line(label)) end
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
