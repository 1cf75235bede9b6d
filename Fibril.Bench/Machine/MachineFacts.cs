using System.Runtime.InteropServices;

namespace Fibril.Bench.Machine;

/// <summary>What the numbers were measured on.</summary>
internal sealed record MachineFacts(string Processor, int Cores, string Kernel, string Runtime, string FileSystem)
{
    public static MachineFacts Read(string dataDirectory)
    {
        string processor = ReadFirst("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        Directory.CreateDirectory(dataDirectory);
        var drive = new DriveInfo(Path.GetFullPath(dataDirectory));
        return new MachineFacts(
            processor, Environment.ProcessorCount, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, drive.DriveFormat);
    }

    private static string? ReadFirst(string path, string field) =>
        File.Exists(path)
            ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : null;
}
