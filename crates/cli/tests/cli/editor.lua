-- What Neovim shows and does with `nicol lsp`: run by `lsp.rs`, which sets NICOL, FILE and RESULT.
local result = {}
vim.cmd("edit " .. vim.fn.fnameescape(os.getenv("FILE")))
local client = vim.lsp.start_client({
  name = "nicol",
  cmd = { os.getenv("NICOL"), "lsp" },
  root_dir = vim.fn.getcwd(),
  handlers = { ["window/showMessage"] = function() end },
})
vim.lsp.buf_attach_client(0, client)

local function wait(what, condition)
  if not vim.wait(20000, condition, 20) then
    error("no " .. what)
  end
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), "\n") .. "\n"
end

local function request(method, line, character, more)
  local params = vim.tbl_extend("force", {
    textDocument = vim.lsp.util.make_text_document_params(),
    position = { line = line, character = character },
  }, more or {})
  local answers = vim.lsp.buf_request_sync(0, method, params, 20000)
  return answers[client].result
end

local ok, problem = pcall(function()
  wait("diagnostics", function() return #vim.diagnostic.get(0) > 0 end)
  result.diagnostic = vim.diagnostic.get(0)[1]
  -- Typing: Neovim sends the changed part only.
  local line = result.diagnostic.lnum
  local typed = vim.api.nvim_buf_get_lines(0, line, line + 1, true)[1]:gsub("Strin$", "String")
  vim.api.nvim_buf_set_lines(0, line, line + 1, true, { typed })
  wait("end of diagnostics", function() return #vim.diagnostic.get(0) == 0 end)
  result.hover = request("textDocument/hover", line, 3).contents.value
  result.completions = #request("textDocument/completion", line, #typed)
  local edit = request("textDocument/rename", line, 3, { newName = "body" })
  vim.lsp.util.apply_workspace_edit(edit, "utf-16")
  vim.lsp.buf.formatting_sync(nil, 20000)
  result.text = text()
end)
if not ok then result.problem = problem end
vim.fn.writefile({ vim.fn.json_encode(result) }, os.getenv("RESULT"))
vim.lsp.stop_client(client)
vim.wait(5000, function() return vim.lsp.client_is_stopped(client) end, 20)
vim.cmd("qall!")
