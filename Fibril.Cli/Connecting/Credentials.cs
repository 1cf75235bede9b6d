using System.Text;

namespace Fibril.Cli.Connecting;

/// <summary>Who to sign in as.</summary>
internal sealed record Credentials(string UserName, string Password)
{
    public const string DefaultName = "fibril";
    public const string DefaultPassword = "fibril";
    public const string NameVariable = "FIBRIL_USERNAME";
    public const string PasswordVariable = "FIBRIL_PASSWORD";

    private const int LongestPassword = 64 << 10;

    /// <summary>Puts together what was given; asks for a password only when there is somebody to ask and a user was named.</summary>
    /// <param name="userName">The value of <c>--username</c>; null when it is not given.</param>
    /// <param name="password">The value of <c>--password</c>; null when it is not given.</param>
    /// <param name="passwordFromInput">True when the first line of standard input is the password.</param>
    /// <param name="saved">The context in force, whose password is for its user only; null for none.</param>
    /// <param name="context">Where the rest comes from.</param>
    public static Credentials Find(string? userName, string? password, bool passwordFromInput, SavedContext? saved, CliContext context)
    {
        string? asked = saved is { IsAskedFor: true } ? saved.UserName : null;
        string name = userName ?? asked ?? context.Variable(NameVariable) ?? saved?.UserName ?? DefaultName;
        string? savedPassword = saved?.UserName == name ? saved.Password : null;
        password = passwordFromInput ? ReadFirstLine(context.OpenInput())
            : password ?? (saved is { IsAskedFor: true } ? savedPassword ?? context.Variable(PasswordVariable) : context.Variable(PasswordVariable) ?? savedPassword);
        if (password is null && name != DefaultName && context is { InputIsTerminal: true, ErrorIsTerminal: true })
            password = Ask(name, context.Error);
        return new Credentials(name, password ?? DefaultPassword);
    }

    /// <summary>Reads up to the end of the first line and no further: what follows may be meant for someone else.</summary>
    /// <exception cref="CliException">There is nothing, or it is no text.</exception>
    internal static string ReadFirstLine(Stream input)
    {
        string line = ReadLine(input);
        return line.Length > 0
            ? line
            : throw new CliException(ExitCode.Usage, "--password-stdin found no password on standard input", "Pipe it in, for instance: fibrilctl ping --username app --password-stdin < password.txt");
    }

    /// <summary>Reads one line, byte by byte; empty when there is nothing.</summary>
    internal static string ReadLine(Stream input)
    {
        var line = new List<byte>();
        for (int value = input.ReadByte(); value >= 0 && value != '\n'; value = input.ReadByte())
        {
            line.Add((byte)value);
            if (line.Count > LongestPassword) throw new CliException(ExitCode.Usage, "the first line of standard input is too long for a password");
        }

        if (line is [.., (byte)'\r']) line.RemoveAt(line.Count - 1);
        return Encoding.UTF8.GetString([.. line]);
    }

    internal static string Ask(string name, TextWriter error)
    {
        error.Write($"Password of {Views.Column.Printable(name)}: ");
        error.Flush();
        var password = new StringBuilder();
        for (ConsoleKeyInfo key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace) password.Length = Math.Max(0, password.Length - 1);
            else if (!char.IsControl(key.KeyChar)) password.Append(key.KeyChar); // arrows and the like have no character
        }

        error.WriteLine();
        return password.ToString();
    }
}
