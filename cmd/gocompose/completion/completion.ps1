# PowerShell completion for gocompose. To load it in this shell:
#
#     gocompose completion powershell | Out-String | Invoke-Expression
#
# For all shells put that line into the file that $PROFILE names.

Register-ArgumentCompleter -Native -CommandName 'gocompose' -ScriptBlock {
    param($current, $line, $cursor)

    $words = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -le $cursor } | ForEach-Object { $_.ToString() })
    if ($current -eq '') {
        # Before 7.3 an empty argument is lost unless it is quoted.
        if ($PSVersionTable.PSVersion -lt [version]'7.3') { $words += '""' } else { $words += '' }
    }
    $program, $arguments = $words
    $lines = @(& $program __complete @arguments 2>$null)
    if ($lines.Count -eq 0 -or $lines[-1] -notmatch '^:(\d+)$') { return }
    $directive = [int]$Matches[1]
    if ($directive -band 24) { return } # files and directories are what the shell offers by itself

    $lines | Select-Object -SkipLast 1 | ForEach-Object {
        $word, $text = $_ -split "`t", 2
        if (-not $text) { $text = $word }
        $space = if ($directive -band 2) { '' } else { ' ' }
        [System.Management.Automation.CompletionResult]::new("$word$space", $word, 'ParameterValue', $text)
    }
}
