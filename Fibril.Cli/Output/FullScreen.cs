using System.Text;

namespace Fibril.Cli.Output;

/// <summary>The other screen of a terminal: what was there before comes back when it is disposed.</summary>
internal sealed class FullScreen : IDisposable
{
    private const string Enter = "\e[?1049h\e[?25l\e[?7l"; // the other screen, no cursor, and lines that are too long are cut
    private const string Leave = "\e[?7h\e[?25h\e[?1049l";
    private const string Home = "\e[H";
    private const string ClearLine = "\e[K";
    private const string ClearBelow = "\e[J";

    private readonly Stream _output;

    public FullScreen(Stream output)
    {
        _output = output;
        Write(Enter);
    }

    /// <summary>Shows lines in the place of what is there, in one write and without clearing the screen first, so that nothing flickers.</summary>
    public void Show(IReadOnlyList<string> lines, ScreenSize size)
    {
        // A line that is full leaves the cursor on its last character, which clearing would take away.
        IEnumerable<string> cleared = lines.Select(line => line.Length < size.Width ? line + ClearLine : line);
        Write(Home + string.Join("\r\n", cleared) + (lines.Count < size.Height ? "\r\n" + ClearBelow : ""));
    }

    public void Dispose() => Write(Leave);

    private void Write(string text) => _output.Write(Encoding.UTF8.GetBytes(text));
}
