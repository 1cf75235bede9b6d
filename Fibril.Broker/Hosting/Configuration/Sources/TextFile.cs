using System.Security;

namespace Fibril.Broker.Hosting.Configuration;

internal static class TextFile
{
    /// <summary>Reads a file; false with the reason when that is impossible.</summary>
    public static bool TryRead(string path, Func<string, string> readFile, out string text, out string fault)
    {
        text = fault = "";
        try
        {
            text = readFile(path);
            return true;
        }
        catch (ArgumentException)
        {
            // A path that cannot be one, or bytes that are not UTF-8; the message would quote some of them.
            fault = "it is not the path of a UTF-8 text file";
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or SecurityException or NotSupportedException)
        {
            fault = Printable.Line(exception.Message);
        }

        return false;
    }
}
