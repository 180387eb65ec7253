; Installer for Windows, compiled anywhere by makensis (docs/deploy.md):
;   makensis -DVERSION=0.1.0 -DPAYLOAD=FOLDER -DOUT=tingdan-setup.exe installer/windows/tingdan.nsi
; PAYLOAD is the frozen folder (tingdan.exe, tingdan-desk.exe, _internal) that installer/windows/build.ps1 makes on Windows.
;
; Silent:  tingdan-setup.exe /S [/AllUsers | /CurrentUser] [/D=FOLDER]     uninstall.exe /S [/DATA]
; Exit codes: 0 done, 1 cancelled, 2 nothing was changed (it runs, no rights, no room, no such folder).
;
; The program lies in one folder, app. A new one is unpacked beside it and takes its place by a rename, so that an upgrade or a repair
; that breaks off leaves what was there. Operators' data (%LOCALAPPDATA%\tingdan) is touched only by uninstall /DATA, and only that
; of the user who runs it; the machine's policy and models (%ProgramData%\tingdan) only by /DATA of a machine-wide removal.

Unicode true
Target amd64-unicode
SetCompressor /SOLID lzma
RequestExecutionLevel user
ManifestDPIAware true

!ifndef VERSION
  !error "VERSION is missing"
!endif
!ifndef PAYLOAD
  !error "PAYLOAD is missing"
!endif
!ifndef OUT
  !define OUT "tingdan-setup.exe"
!endif

!define NAME "Tingdan"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Tingdan"
!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_DEFAULT_CURRENTUSER
!define MULTIUSER_USE_PROGRAMFILES64
!define MULTIUSER_INSTALLMODE_INSTDIR "Tingdan"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${KEY}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!include MultiUser.nsh
!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh

Name "${NAME} ${VERSION}"
OutFile "${OUT}"
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey /LANG=0 ProductName "${NAME}"
VIAddVersionKey /LANG=0 ProductVersion "${VERSION}"
VIAddVersionKey /LANG=0 FileVersion "${VERSION}"
VIAddVersionKey /LANG=0 FileDescription "${NAME} setup"
VIAddVersionKey /LANG=0 LegalCopyright "Tingdan"

!ifdef ICON
  !define MUI_ICON "${ICON}"
  !define MUI_UNICON "${ICON}"
!endif
!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_WELCOME
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "SimpChinese"
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_RESERVEFILE_LANGDLL

LangString RUNNING ${LANG_SIMPCHINESE} "听单正在运行。请先结束通话并退出听单，再重试。本机未做任何改动。"
LangString RUNNING ${LANG_ENGLISH} "Tingdan is running. Finish the call and quit it first. Nothing was changed."
LangString NO_ROOM ${LANG_SIMPCHINESE} "文件未能全部写入（磁盘空间不足，或没有权限）。原来的程序保持原样。"
LangString NO_ROOM ${LANG_ENGLISH} "Not all files could be written (no room, or no rights). The program that was there is as it was."
LangString PROGRAM ${LANG_SIMPCHINESE} "听单程序"
LangString PROGRAM ${LANG_ENGLISH} "The program"
LangString DESKTOP_LINK ${LANG_SIMPCHINESE} "桌面快捷方式"
LangString DESKTOP_LINK ${LANG_ENGLISH} "Icon on the desktop"
LangString AUTOSTART ${LANG_SIMPCHINESE} "登录后自动启动"
LangString AUTOSTART ${LANG_ENGLISH} "Start at login"
LangString DATA ${LANG_SIMPCHINESE} "草稿、工单、设置（删除后无法恢复）"
LangString DATA ${LANG_ENGLISH} "Drafts, tickets, settings (cannot be brought back)"
LangString LINK_NAME ${LANG_SIMPCHINESE} "听单"
LangString LINK_NAME ${LANG_ENGLISH} "Tingdan"

Var Data

!macro STOP_IF_RUNNING un
Function ${un}StopIfRunning
  ; a program that runs cannot be opened for writing
  ${If} ${FileExists} "$INSTDIR\app\tingdan.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\app\tingdan.exe" a
    ${If} ${Errors}
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDOK
      SetErrorLevel 2
      Quit
    ${EndIf}
    FileClose $0
    ClearErrors
    FileOpen $0 "$INSTDIR\app\tingdan-desk.exe" a
    ${If} ${Errors}
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDOK
      SetErrorLevel 2
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
FunctionEnd
!macroend
!insertmacro STOP_IF_RUNNING ""
!insertmacro STOP_IF_RUNNING "un."

Function .onInit
  !insertmacro MULTIUSER_INIT
FunctionEnd

Section "$(PROGRAM)" SecProgram
  SectionIn RO
  Call StopIfRunning
  RMDir /r "$INSTDIR\app.new"
  ClearErrors
  SetOutPath "$INSTDIR\app.new"
  File /r "${PAYLOAD}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe.new"
  ${If} ${Errors}
    SetOutPath "$TEMP"
    RMDir /r "$INSTDIR\app.new"
    Delete "$INSTDIR\uninstall.exe.new"
    RMDir "$INSTDIR"
    MessageBox MB_OK|MB_ICONSTOP "$(NO_ROOM)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  SetOutPath "$INSTDIR"
  RMDir /r "$INSTDIR\app.old"
  ${If} ${FileExists} "$INSTDIR\app\*.*"
    ClearErrors
    Rename "$INSTDIR\app" "$INSTDIR\app.old"
    ${If} ${Errors}
      RMDir /r "$INSTDIR\app.new"
      Delete "$INSTDIR\uninstall.exe.new"
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDOK
      SetErrorLevel 2
      Quit
    ${EndIf}
  ${EndIf}
  Rename "$INSTDIR\app.new" "$INSTDIR\app"
  Delete "$INSTDIR\uninstall.exe"
  Rename "$INSTDIR\uninstall.exe.new" "$INSTDIR\uninstall.exe"
  RMDir /r "$INSTDIR\app.old"

  CreateShortcut "$SMPROGRAMS\$(LINK_NAME).lnk" "$INSTDIR\app\tingdan-desk.exe"
  WriteRegStr SHCTX "${KEY}" "DisplayName" "$(LINK_NAME)"
  WriteRegStr SHCTX "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${KEY}" "Publisher" "Tingdan"
  WriteRegStr SHCTX "${KEY}" "DisplayIcon" "$INSTDIR\app\tingdan-desk.exe"
  WriteRegStr SHCTX "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode /S'
  WriteRegDWORD SHCTX "${KEY}" "NoModify" 1
  ${GetSize} "$INSTDIR\app" "/S=0K" $0 $1 $2
  WriteRegDWORD SHCTX "${KEY}" "EstimatedSize" $0
SectionEnd

Section /o "$(DESKTOP_LINK)" SecDesktop
  CreateShortcut "$DESKTOP\$(LINK_NAME).lnk" "$INSTDIR\app\tingdan-desk.exe"
SectionEnd

Section /o "$(AUTOSTART)" SecAutostart
  CreateShortcut "$SMSTARTUP\$(LINK_NAME).lnk" "$INSTDIR\app\tingdan-desk.exe"
SectionEnd

Function un.onInit
  !insertmacro MULTIUSER_UNINIT
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/DATA" $1
  ${IfNot} ${Errors}
    StrCpy $Data "1"
  ${EndIf}
FunctionEnd

Section "un.$(PROGRAM)" UnProgram
  SectionIn RO
  Call un.StopIfRunning
  RMDir /r "$INSTDIR\app"
  RMDir /r "$INSTDIR\app.old"
  RMDir /r "$INSTDIR\app.new"
  Delete "$INSTDIR\uninstall.exe"
  SetOutPath "$TEMP"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\听单.lnk"
  Delete "$SMPROGRAMS\Tingdan.lnk"
  Delete "$DESKTOP\听单.lnk"
  Delete "$DESKTOP\Tingdan.lnk"
  Delete "$SMSTARTUP\听单.lnk"
  Delete "$SMSTARTUP\Tingdan.lnk"
  DeleteRegKey SHCTX "${KEY}"
  ${If} $Data == "1"
    Call un.RemoveData
  ${EndIf}
SectionEnd

Section /o "un.$(DATA)" UnData
  ${If} $Data != "1"
    Call un.RemoveData
  ${EndIf}
SectionEnd

Function un.RemoveData
  SetShellVarContext current
  RMDir /r "$LOCALAPPDATA\tingdan"
  ${If} $MultiUser.InstallMode == "AllUsers"
    SetShellVarContext all
    RMDir /r "$APPDATA\tingdan"
  ${EndIf}
FunctionEnd
