namespace CertOperator.Operator.Options;

/// <summary>docs/reference/options.md, made from the table.</summary>
public static class OptionsReference
{
    public static void Write(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(
            """
            <!-- Generated from code by make generate; do not edit. -->
            # Options of `certoperator run`

            Each option can be given as a flag, as an environment variable or in a file; a flag wins over a variable, a variable
            over the file. All of them are checked at start: every error is listed, and the process ends with code 2.

            The file is named by `--config FILE` or `CERTOPERATOR_CONFIG`. It is JSON or YAML, flat, and its keys are the flags
            without their dashes in front:

            ```yaml
            namespaces: [shop, payments]
            workers: 16
            http01-listen: "[::]:8402"
            ```

            Exit codes: 0 ended as asked, 1 failed, 2 wrong options.

            | flag | variable | default | accepts | meaning |
            | --- | --- | --- | --- | --- |

            """);
        Row(writer, OptionTable.ConfigFlag + " FILE", OptionTable.ConfigVariable, "none", "the path of a file", OptionTable.ConfigDescription);
        foreach (var o in OptionTable.All)
        {
            Row(writer, $"{o.Flag} {o.ValueName}", o.EnvironmentVariable, o.Default, o.Accepts, o.Description);
        }
    }

    private static void Row(TextWriter writer, string flag, string variable, string value, string accepts, string description) =>
        writer.Write($"| `{flag}` | `{variable}` | {value} | {accepts} | {description} |\n");
}
