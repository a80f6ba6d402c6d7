-- Column widths of pipe tables. tbl-colwidths="[30,70]" sets them; rules of equal length mean
-- "fit the content" (pandoc would give every column the same share once a line is long).

local function declared(tbl)
  local text = tbl.attributes['tbl-colwidths']
  if not text then return nil end
  local widths, total = {}, 0
  for number in text:gmatch('[%d.]+') do
    table.insert(widths, tonumber(number))
    total = total + tonumber(number)
  end
  if #widths ~= #tbl.colspecs then
    error('tbl-colwidths=' .. text .. ' of table ' .. tbl.identifier .. ' gives ' .. #widths
      .. ' widths for ' .. #tbl.colspecs .. ' columns')
  end
  for index, width in ipairs(widths) do widths[index] = width / math.max(total, 100) end
  return widths
end

local function all_equal(colspecs)
  for _, spec in ipairs(colspecs) do
    if not spec[2] or math.abs(spec[2] - (colspecs[1][2] or 0)) > 1e-6 then return false end
  end
  return true
end

function Table(tbl)
  local widths = declared(tbl)
  local fit = not widths and all_equal(tbl.colspecs)
  if not widths and not fit then return nil end
  tbl.colspecs = tbl.colspecs:map(function(spec, index)
    return { spec[1], widths and widths[index] or nil }
  end)
  tbl.attributes['tbl-colwidths'] = nil
  return tbl
end
