# Tab for greenroom's commands in PowerShell. It asks greenroom itself at each Tab, so it never goes stale.
# Installed by `greenroom completions powershell --install`; by hand: a line in $PROFILE that reads it: . PATH/greenroom.ps1

& {
    $names = @('production', 'staging', 'prepare', 'development', 'review', 'greenroom')

    # What `greenroom link` made, one name a line.
    $data = $env:XDG_DATA_HOME
    if (-not $data) { $data = [IO.Path]::Combine($HOME, '.local', 'share') }
    $links = [IO.Path]::Combine($data, 'greenroom', 'links')
    if ([IO.File]::Exists($links)) { $names += @([IO.File]::ReadAllLines($links) -ne '') }

    Register-ArgumentCompleter -Native -CommandName $names -ScriptBlock {
        param($wordToComplete, $commandAst, $cursorPosition)
        try {
            # The words as they were typed, as far as the cursor.
            $words = @()
            $isBehind = $true
            foreach ($element in $commandAst.CommandElements) {
                $extent = $element.Extent
                if ($extent.StartOffset -ge $cursorPosition) { break }
                $length = [Math]::Min($extent.EndOffset, $cursorPosition) - $extent.StartOffset
                $words += $extent.Text.Substring(0, $length)
                $isBehind = $extent.EndOffset -lt $cursorPosition
            }
            if ($isBehind) { $words += '' }
            $bytes = [BitConverter]::ToString([Text.Encoding]::UTF8.GetBytes($words -join [char]0))

            # A program, whatever else bears its name here.
            $greenroom = @(Get-Command -Name greenroom -CommandType Application -ErrorAction Stop)[0]
            $answer = & $greenroom __complete powershell $bytes 2>$null | Out-String
            $candidates = @($answer | ConvertFrom-Json | ForEach-Object { $_ })
            foreach ($candidate in $candidates) {
                [Management.Automation.CompletionResult]::new(
                    $candidate.text, $candidate.word, 'ParameterValue', $candidate.help)
            }
            # Otherwise PowerShell would offer files.
            if ($candidates.Count -eq 0) { '' }
        } catch {
            ''
        }
    }
}
