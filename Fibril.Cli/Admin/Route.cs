using System.Globalization;
using System.Text;

namespace Fibril.Cli.Admin;

/// <summary>A path of the admin API with its query, everything escaped.</summary>
internal sealed class Route(string path)
{
    private readonly StringBuilder _text = new(path);
    private bool _hasQuery;

    /// <summary>A path whose last part is a name, which may hold anything.</summary>
    public static Route To(string path, string name, string rest = "") => new($"{path}/{Uri.EscapeDataString(name)}{rest}");

    /// <summary>Adds a parameter; none when the value is null or empty.</summary>
    public Route With(string name, string? value)
    {
        if (string.IsNullOrEmpty(value)) return this;
        _text.Append(_hasQuery ? '&' : '?').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        _hasQuery = true;
        return this;
    }

    public Route With(string name, long? value) => With(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds a parameter when it is true.</summary>
    public Route With(string name, bool value) => With(name, value ? "true" : null);

    public override string ToString() => _text.ToString();
}
