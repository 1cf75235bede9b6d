using System.ComponentModel;
using System.Diagnostics;

namespace Fibril.Cli.Output;

/// <summary>A text that somebody has edited, and the file that it is in until it is deleted.</summary>
internal sealed record EditedText(string Text, string Path, Action Delete);

/// <summary>Lets somebody edit a text in the editor of their choice.</summary>
internal static class TextEditor
{
    public static string Usual => OperatingSystem.IsWindows() ? "notepad" : "vi";

    /// <exception cref="CliException">The editor cannot be started, or failed.</exception>
    public static async Task<EditedText> EditAsync(string text, CancellationToken cancellationToken)
    {
        string editor = Variable("VISUAL") ?? Variable("EDITOR") ?? Usual;
        DirectoryInfo directory = Directory.CreateTempSubdirectory("fibrilctl-"); // of this user only
        string path = Path.Combine(directory.FullName, "settings.json");
        await File.WriteAllTextAsync(path, text, cancellationToken);
        int exitCode = await RunAsync(editor, path, cancellationToken);
        if (exitCode != 0)
        {
            directory.Delete(recursive: true);
            throw new CliException(ExitCode.Failure, $"the editor '{editor}' ended with {exitCode}; nothing was changed", "Name another one with EDITOR.");
        }

        return new EditedText(await File.ReadAllTextAsync(path, cancellationToken), path, () => directory.Delete(recursive: true));
    }

    /// <summary>The name of an editor may come with options, so a shell takes it apart.</summary>
    private static async Task<int> RunAsync(string editor, string path, CancellationToken cancellationToken)
    {
        string[] shell = OperatingSystem.IsWindows() ? ["cmd.exe", "/c", $"{editor} \"{path}\""] : ["/bin/sh", "-c", $"{editor} \"$1\"", "sh", path];
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(shell[0], shell[1..]))!;
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        catch (Win32Exception fault)
        {
            throw new CliException(ExitCode.Failure, $"{shell[0]} cannot be started", cause: fault);
        }
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
