using System.Globalization;

namespace CertOperator.Benchmarks.Reporting;

/// <summary>Prints each figure as a line when it is known, and all of them as a table at the end.</summary>
public sealed class FigureSheet(TextWriter output)
{
    private readonly List<Figure> _figures = [];

    public void Say(string text) => output.WriteLine($"# {text}");

    public void Add(Figure figure)
    {
        ArgumentNullException.ThrowIfNull(figure);
        _figures.Add(figure);
        output.WriteLine($"{figure.Name} {Number(figure.Value)} {figure.Unit}");
    }

    public void WriteTable(string machine)
    {
        output.WriteLine();
        output.WriteLine($"Machine: {machine}");
        output.WriteLine();
        WriteRow(["figure", "value", "unit", "aim", "verdict", "note"]);
        WriteRow(["---", "---:", "---", "---", "---", "---"]);
        foreach (var figure in _figures)
        {
            var aim = figure.Aim is null ? "" : $"{(figure.Aim.IsLeast ? "at least" : "at most")} {Number(figure.Aim.Bound)}";
            var verdict = figure.Aim is null ? "" : figure.Aim.IsMetBy(figure.Value) ? "met" : "missed";
            WriteRow([figure.Name, Number(figure.Value), figure.Unit, aim, verdict, figure.Note ?? ""]);
        }
    }

    private void WriteRow(IEnumerable<string> cells) => output.WriteLine($"| {string.Join(" | ", cells)} |");

    private static string Number(double value)
        => Math.Abs(value) >= 100 ? value.ToString("0", CultureInfo.InvariantCulture) : value.ToString(Math.Abs(value) >= 10 ? "0.0" : "0.000", CultureInfo.InvariantCulture);
}
