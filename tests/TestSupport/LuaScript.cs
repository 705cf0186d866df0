using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CertOperator.TestSupport;

/// <summary>A script for Argo CD, which gives it an object as the global <c>obj</c> and takes what it returns. Run by Lua 5.1, as there.</summary>
public sealed class LuaScript(string path)
{
    private const string Prologue = """
        local function json(value)
          if type(value) == "table" then
            local parts = {}
            if #value > 0 then
              for _, item in ipairs(value) do
                parts[#parts + 1] = json(item)
              end
              return "[" .. table.concat(parts, ",") .. "]"
            end
            for key, item in pairs(value) do
              parts[#parts + 1] = json(tostring(key)) .. ":" .. json(item)
            end
            return "{" .. table.concat(parts, ",") .. "}"
          elseif type(value) == "string" then
            return '"' .. value:gsub('[%z\1-\31\\"]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
          end
          return tostring(value)
        end
        -- What Argo CD's sandbox does not have.
        io, require, dofile, loadfile, package, debug = { write = io.write }, nil, nil, nil, nil, nil
        os = { date = os.date, time = os.time }
        """;

    /// <param name="json">The object.</param>
    /// <returns>What the script returns.</returns>
    public async Task<JsonNode> RunAsync(string json)
    {
        var program = new StringBuilder(Prologue).AppendLine().Append("obj = ");
        Write(program, JsonNode.Parse(json));
        program.AppendLine().AppendLine("local write = io.write").AppendLine("io = nil").AppendLine("local result = (function()")
            .AppendLine(await File.ReadAllTextAsync(path)).AppendLine("end)()").AppendLine("write(json(result))");
        return JsonNode.Parse((await ToolProcess.RunAsync("lua5.1", ["-"], new ToolOptions { Input = program.ToString() })).Output)!;
    }

    private static void Write(StringBuilder to, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                to.Append('{');
                foreach (var (name, value) in map)
                {
                    to.Append('[').Append(Quoted(name)).Append("] = ");
                    Write(to, value);
                    to.Append(", ");
                }

                to.Append('}');
                break;

            case JsonArray list:
                to.Append('{');
                foreach (var item in list)
                {
                    Write(to, item);
                    to.Append(", ");
                }

                to.Append('}');
                break;

            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                to.Append(Quoted(value.GetValue<string>()));
                break;

            default:
                to.Append(node is null ? "nil" : node.ToJsonString());
                break;
        }
    }

    // Bytes by number, so that no character of a string means anything to Lua.
    private static string Quoted(string text)
        => $"\"{string.Concat(Encoding.UTF8.GetBytes(text).Select(b => char.IsAsciiLetterOrDigit((char)b) ? ((char)b).ToString() : string.Create(CultureInfo.InvariantCulture, $"\\{b:000}")))}\"";
}
